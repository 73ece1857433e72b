using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Shop;

/// <summary>
/// All the instrumentation a service of the Shop has: the OpenTelemetry SDK listens to what .NET itself emits, and to the
/// Shop's own <see cref="Source"/> and <see cref="Meter"/>.
/// </summary>
/// <remarks>Where to send, how, and who is sending come from the standard <c>OTEL_*</c> environment variables.</remarks>
public static class Telemetry
{
    public static readonly ActivitySource Source = new("Shop");
    public static readonly Meter Meter = new("Shop");

    /// <summary>Baggage that is copied to every span. A closed list: a caller must not be able to add attributes of his choice.</summary>
    private static readonly string[] CarriedKeys = ["tenant.id", "user.id", "session.id", "order.id"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.AddOtlpExporter();
        });
        builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .AddSource("Microsoft.AspNetCore", "System.Net.Http", Source.Name)
            .AddProcessor(new CarriedTags())
            .AddOtlpExporter()
            .Build());
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder()
            .AddMeter("Microsoft.AspNetCore.Hosting", "System.Net.Http", "System.Runtime", Meter.Name)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddOtlpExporter()
            .Build());
    }

    /// <summary>Starts the SDK and finishes the server spans of .NET as the HTTP conventions ask.</summary>
    public static void UseTelemetry(this WebApplication app)
    {
        app.Services.GetRequiredService<TracerProvider>();
        app.Services.GetRequiredService<MeterProvider>();
        app.Use(async (http, next) =>
        {
            Activity? span = http.Features.Get<IHttpActivityFeature>()?.Activity;
            if (span is not null) Name(span, http);   // Now: after a failure the exception handler has forgotten the route.
            await next(http);
            if (span is not null) Finish(span, http.Response.StatusCode);
        });
    }

    /// <summary>Puts a value on the current span and on every span that follows from it, in this process and in others.</summary>
    public static void Carry(string key, string value) => Activity.Current?.SetTag(key, value).SetBaggage(key, value);

    /// <summary>Marks a span as failed, with the exception as its evidence.</summary>
    public static void Fail(this Activity? span, Exception error)
    {
        span?.SetTag("error.type", error.GetType().FullName);
        span?.AddException(error);
        span?.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    /// <summary>Keeps the current span out of the record: health checks and polls of an empty queue are not work.</summary>
    public static void Untraced()
    {
        if (Activity.Current is not { } span) return;
        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    // Method and route, so that spans of one endpoint share a name; .NET says "Microsoft.AspNetCore.Hosting.HttpRequestIn" for all.
    private static void Name(Activity span, HttpContext http)
    {
        string? route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        if (route is not null) span.SetTag("http.route", route);
        span.DisplayName = route is null ? http.Request.Method : $"{http.Request.Method} {route}";
    }

    // A server's own failures are errors; the caller's (4xx) are not.
    private static void Finish(Activity span, int status)
    {
        span.SetTag("http.response.status_code", status);
        if (status < 500) return;
        if (span.GetTagItem("error.type") is null) span.SetTag("error.type", $"{status}");
        if (span.Status == ActivityStatusCode.Unset) span.SetStatus(ActivityStatusCode.Error);
    }

    private sealed class CarriedTags : BaseProcessor<Activity>
    {
        public override void OnStart(Activity span)
        {
            foreach (string key in CarriedKeys)
                if (span.GetBaggageItem(key) is { } value) span.SetTag(key, value);
        }
    }
}
