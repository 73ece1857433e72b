using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Waybill.Access;
using Waybill.Audit;
using Waybill.Catalogs;
using Waybill.Changes;
using Waybill.Errors;
using Waybill.Flags;
using Waybill.Causes;
using Waybill.Comparisons;
using Waybill.Digests;
using Waybill.Egress;
using Waybill.Graph;
using Waybill.Connect;
using Waybill.Ingest;
using Waybill.Quarantine;
using Waybill.Jaeger;
using Waybill.Redaction;
using Waybill.Logs;
using Waybill.Ledger;
using Waybill.Search;
using Waybill.Map;
using Waybill.Metrics;
using Waybill.Storage;
using Waybill.Tempo;
using Waybill.Tls;
using Waybill.Traces;
using Waybill.Verdicts;
using Waybill.Views;
using Waybill.Why;

namespace Waybill.Web;

/// <summary>The ports that are really listened on; 0 before the start.</summary>
public sealed class BoundPorts(TlsOptions tls, IServiceProvider services)
{
    private readonly Dictionary<Listener, ListenOptions> _listeners = [];

    public int OtlpGrpc => this[Listener.OtlpGrpc];
    public int OtlpHttp => this[Listener.OtlpHttp];
    public int Console => this[Listener.Console];

    /// <summary>http, or https when this server speaks TLS itself.</summary>
    public string Scheme => tls.IsOn ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    /// <summary>A name for it that its certificate, if it has one, is good for.</summary>
    public string HostName => tls.IsOn ? services.GetRequiredService<WatchedFiles<ServerCertificate>>().Current.HostName : "127.0.0.1";

    private int this[Listener listener] => _listeners.TryGetValue(listener, out var options) ? options.IPEndPoint?.Port ?? 0 : 0;

    internal void Add(Listener listener, ListenOptions options) => _listeners[listener] = options;
}

/// <summary>The program as a web application: three listeners, and one line per room.</summary>
public static class WebHost
{
    /// <summary>Builds the application without starting it.</summary>
    /// <param name="settings">Settings that win over files and environment, such as <c>Ports:Console</c>; null when there are none.</param>
    /// <param name="services">More or other services, such as a clock or an intake; null when there are none.</param>
    /// <exception cref="OptionsValidationException">At start, not here: a setting is out of its bounds. Every wrong setting is named.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Waybill" });
        builder.Configuration.AddEnvironmentVariables("WAYBILL_");
        if (settings is not null) builder.Configuration.AddInMemoryCollection(settings);

        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.FormatterName = LogLines.FormatterName).AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Whatever level is asked for: it writes addresses with their queries, in which a sign-in's code comes back, and what people mistake for a place for tokens.
        builder.Logging.AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

        AddListeners(builder);
        builder.Services.AddTls();
        builder.Services.AddEgress();
        builder.Services.AddConsole();
        builder.Services.AddConnect();
        builder.Services.AddOpenApiDocument();
        builder.Services.AddStorage();
        builder.Services.AddAccess();
        builder.Services.AddIngest();
        builder.Services.AddRedaction();
        builder.Services.AddTraces();
        builder.Services.AddLogs();
        builder.Services.AddCauses();
        builder.Services.AddCompare();
        builder.Services.AddVerdicts();
        builder.Services.AddLedger();
        builder.Services.AddAudit();
        builder.Services.AddSearch();
        builder.Services.AddMetricQueries();
        builder.Services.AddQuarantine();
        builder.Services.AddDigests();
        builder.Services.AddGraph();
        builder.Services.AddMap();
        builder.Services.AddWhy();
        builder.Services.AddChanges();
        builder.Services.AddCatalog();
        builder.Services.AddFlags();
        builder.Services.AddErrors();
        builder.Services.AddViews();
        builder.Services.AddJaeger();
        services?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseConsoleHeaders();
        app.UseEngineFailures();
        app.UseLedgerFailures();
        app.UseConsoleAddresses();
        app.UseRouting();
        app.UseNotedReads();
        app.UseAccess();
        app.MapOpenApiDocument();
        app.MapHealth();
        app.MapConsole();
        app.MapConnect();
        app.MapAccess();
        app.MapIngest();
        app.MapRedaction();
        app.MapTraces();
        app.MapLogs();
        app.MapCauses();
        app.MapCompare();
        app.MapVerdicts();
        app.MapLedger();
        app.MapAudit();
        app.MapSearch();
        app.MapMetricQueries();
        app.MapQuarantine();
        app.MapDigests();
        app.MapGraph();
        app.MapMap();
        app.MapWhy();
        app.MapChanges();
        app.MapCatalog();
        app.MapFlags();
        app.MapErrors();
        app.MapViews();
        app.MapTempo();
        app.MapJaeger();
        return app;
    }

    private static void AddListeners(WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<MatcherPolicy, ListenerPolicy>();
        builder.Services.AddSingleton<BoundPorts>();
        builder.Services.AddOptions<PortsOptions>().BindConfiguration("Ports").ValidateOnStart();
        builder.Services.AddOptions<ConnectionOptions>().BindConfiguration("Connections").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<PortsOptions>, PortsOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var provider = kestrel.ApplicationServices;
            provider.GetRequiredService<IOptions<ConnectionOptions>>().Value.Apply(kestrel);
            var ports = provider.GetRequiredService<IOptions<PortsOptions>>().Value;
            var bound = provider.GetRequiredService<BoundPorts>();
            var address = IPAddress.Parse(ports.Bind);
            TlsDoors? tls = provider.GetRequiredService<TlsOptions>().IsOn ? provider.GetRequiredService<TlsDoors>() : null;
            // Without TLS there is no negotiation: a cleartext listener speaks HTTP/2 or HTTP/1.1, not both.
            HttpProtocols web = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            Listen(Listener.OtlpGrpc, ports.OtlpGrpc, HttpProtocols.Http2);
            Listen(Listener.OtlpHttp, ports.OtlpHttp, web);
            Listen(Listener.Console, ports.Console, web);

            void Listen(Listener listener, int port, HttpProtocols protocols) => kestrel.Listen(address, port, options =>
            {
                options.Protocols = protocols;
                var door = new ListenerFeature(listener);
                options.Use(next => connection =>
                {
                    connection.Features.Set(door);
                    return next(connection);
                });
                tls?.Put(options, listener);
                bound.Add(listener, options);
            });
        });
    }
}
