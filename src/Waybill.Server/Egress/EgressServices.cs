using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Waybill.Web;

namespace Waybill.Egress;

public static class EgressServices
{
    public static void AddEgress(this IServiceCollection services)
    {
        services.AddOptions<EgressOptions>().BindConfiguration("Egress").ValidateOnStart();
        services.AddSingleton<IValidateOptions<EgressOptions>, EgressOptionsValidator>();
        services.AddSingleton(EgressNetwork.Real);
        services.AddSingleton(provider => new OutgoingCalls(provider.GetRequiredService<IOptions<EgressOptions>>().Value, provider.GetRequiredService<EgressNetwork>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OutgoingCalls>>()));
        services.AddSingleton<MetricSource>(provider => text => Write(provider.GetRequiredService<OutgoingCalls>(), text));
    }

    private static void Write(OutgoingCalls calls, PrometheusText text)
    {
        text.Counter("waybill_egress_connections_total", "Connections that this server made to others.").Sample(calls.Connections);
        text.Counter("waybill_egress_refused_total", "Calls not made, because they led to an internal or reserved address.").Sample(calls.Refused);
    }
}
