namespace Waybill.Demo;

/// <summary>The sample shop as a child of the demo.</summary>
internal static class ShopProgram
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(12);   // It gives its services 5 s, traffic first.

    /// <summary>
    /// The built program: <c>shop/shop</c> beside this one as published, or in a clone <c>samples/Shop/bin/Debug/net10.0/shop</c>, where
    /// building this program has put it. Null when there is none.
    /// </summary>
    public static string? Find()
    {
        string published = Path.Combine(AppContext.BaseDirectory, "shop", "shop");
        if (File.Exists(published)) return published;
        // .../src/Waybill/bin/Debug/net10.0/: the last two say which build.
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        for (DirectoryInfo? up = framework.Parent?.Parent; up is not null; up = up.Parent)
        {
            string built = Path.Combine(up.FullName, "samples", "Shop", "bin", framework.Parent!.Name, framework.Name, "shop");
            if (File.Exists(built)) return built;
        }
        return null;
    }

    /// <summary>Who owns the Shop's services: the file beside the program; null when it is not there.</summary>
    public static string? Catalog(string program) => Path.Combine(Path.GetDirectoryName(program)!, "catalog-info.yaml") is var file && File.Exists(file) ? file : null;

    public static ChildProcess Start(string program, DemoServer server, string dataDirectory, double requestsPerSecond)
    {
        Directory.CreateDirectory(dataDirectory);
        var environment = new Dictionary<string, string?>
        {
            ["SHOP_CHILD"] = "1",   // It ends when its standard input does.
            ["SHOP_CHANGES_URL"] = new Uri(server.OtlpHttp, "v1/changes").ToString(),
        };
        // The shop's services set up their own telemetry; what this shell says is for other programs.
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
            if (name.StartsWith("OTEL_", StringComparison.Ordinal)) environment[name] = null;
        return new ChildProcess(program,
            ["run", "--otlp-grpc", server.OtlpGrpc.ToString(), "--otlp-http", server.OtlpHttp.ToString(), "--data", dataDirectory,
                "--rate", requestsPerSecond.ToString(System.Globalization.CultureInfo.InvariantCulture)],
            environment, Path.Combine(dataDirectory, "shop.log"), EndMax);
    }

    /// <summary>Whether the mails can be sent: that service is Node's.</summary>
    public static bool HasNode() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => directory.Length > 0 && File.Exists(Path.Combine(directory, "node")));
}
