using System.Globalization;

namespace Waybill.Options;

/// <summary>The ports of a server on this machine: those of the environment, else the defaults.</summary>
internal static class Ports
{
    public static int OtlpGrpc => Of("OTLPGRPC", 4317);
    public static int OtlpHttp => Of("OTLPHTTP", 4318);
    public static int Console => Of("CONSOLE", 4319);

    private static int Of(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable($"WAYBILL_PORTS__{name}"), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65536 ? port : otherwise;
}
