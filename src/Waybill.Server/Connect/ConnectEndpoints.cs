using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Ledger;
using Waybill.Tls;
using Waybill.Web;

namespace Waybill.Connect;

/// <summary>Where telemetry is sent to, as the console's settings for SDKs need it.</summary>
public sealed record Doors(int OtlpGrpcPort, int OtlpHttpPort, [property: AllowedValues("http", "https")] string Scheme);

/// <summary>A trace that was sent on request.</summary>
public sealed record SentTestTrace(string TraceId, int SpanCount);

/// <summary>What somebody needs who connects a first service.</summary>
public static class ConnectEndpoints
{
    public static void AddConnect(this IServiceCollection services) => services.AddSingleton<OwnDoor>();

    public static void MapConnect(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/connect", (BoundPorts ports) => TypedResults.Ok(new Doors(ports.OtlpGrpc, ports.OtlpHttp, ports.Scheme))).On(Listener.Console).Needs(Permission.StatusRead).NotNoted()
            .WithSummary("Where telemetry is sent to");
        app.MapPost("/api/connect/test-trace", SendTestTrace).On(Listener.Console).Needs(Permission.IngestWrite)
            .WithSummary("Sends a small trace, and a log record of it, to this server's own OTLP/HTTP port: through the same door as everybody's")
            .Produces<SentTestTrace>();
    }

    private static async Task SendTestTrace(HttpContext http, BoundPorts ports, IOptions<PortsOptions> options, SelfKey self, OwnDoor door, TimeProvider clock)
    {
        var trace = new TestTrace(clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000);
        foreach ((string signal, byte[] json) in new[] { ("traces", trace.Traces()), ("logs", trace.Logs()) })
        {
            using var content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, Door(ports.Scheme, options.Value.Bind, ports.OtlpHttp, signal)) { Content = content };
                request.Headers.Add("api-key", self.Text.Reveal());
                request.Headers.Add("X-Scope-OrgID", http.Tenant());
                using HttpResponseMessage answer = await door.Http.SendAsync(request, http.RequestAborted);
                if (answer.IsSuccessStatusCode) continue;
                await Problems.Unavailable(http, $"The OTLP/HTTP port refused the test {signal} with {(int)answer.StatusCode}; the Connect page lists the refusal with its reason.");
            }
            catch (HttpRequestException e)
            {
                await Problems.Unavailable(http, $"The OTLP/HTTP port {ports.OtlpHttp} of this server does not answer: {e.Message}");
            }
            return;
        }
        await http.Response.WriteAsJsonAsync(new SentTestTrace(trace.Id, trace.Spans), http.RequestAborted);
    }

    private static Uri Door(string scheme, string bind, int port, string signal)
    {
        // Listening on every address includes this machine's own; one alone is reached only by its name.
        IPAddress address = IPAddress.Parse(bind);
        if (address.Equals(IPAddress.Any)) address = IPAddress.Loopback;
        else if (address.Equals(IPAddress.IPv6Any)) address = IPAddress.IPv6Loopback;
        return new UriBuilder(scheme, address.ToString(), port, $"/v1/{signal}").Uri;
    }
}
