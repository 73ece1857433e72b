namespace Waybill.Doctor;

/// <summary>
/// Reads the <c>OTEL_*</c> variables as an SDK that this shell starts would, and finds what makes telemetry vanish without a word.
/// Rules: OpenTelemetry specification, "OpenTelemetry Protocol Exporter" and "SDK environment variables".
/// </summary>
internal static class SdkSettings
{
    private const string Check = "sdk";
    private static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];

    /// <param name="environment">Variable by name.</param>
    public static IReadOnlyList<Finding> Examine(IReadOnlyDictionary<string, string> environment, int grpcPort, int httpPort)
    {
        var findings = new List<Finding>();
        if (Value("OTEL_SDK_DISABLED")?.Equals("true", StringComparison.OrdinalIgnoreCase) == true)
            findings.Add(Finding.Fail(Check, "OTEL_SDK_DISABLED is true: SDKs started from this shell send nothing.", "unset OTEL_SDK_DISABLED"));

        bool any = false;
        Examine("OTEL_EXPORTER_OTLP_ENDPOINT", Value("OTEL_EXPORTER_OTLP_PROTOCOL"), signal: null);
        foreach (string signal in Signals)
        {
            Examine($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", Value($"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL") ?? Value("OTEL_EXPORTER_OTLP_PROTOCOL"), signal);
            if (Value($"OTEL_{signal}_EXPORTER") is { } exporter && exporter != "otlp")
                findings.Add(Finding.Warn(Check, $"OTEL_{signal}_EXPORTER is '{exporter}': {signal.ToLowerInvariant()} are not sent by OTLP.", $"unset OTEL_{signal}_EXPORTER"));
        }
        if (!any) findings.Add(Finding.Ok(Check, $"No OTEL_EXPORTER_OTLP_ENDPOINT in this shell: SDKs send to localhost:{grpcPort} (gRPC) or :{httpPort} (HTTP) by their default."));

        string resource = Value("OTEL_RESOURCE_ATTRIBUTES") ?? "";
        bool named = Value("OTEL_SERVICE_NAME") is not null || resource.Split(',').Any(pair => pair.TrimStart().StartsWith("service.name=", StringComparison.Ordinal));
        if (any && !named)
            findings.Add(Finding.Warn(Check, "No service name in this shell: unless the code sets one, all services show as 'unknown_service'.", "export OTEL_SERVICE_NAME=my-service"));
        foreach (string pair in resource.Split(',', StringSplitOptions.RemoveEmptyEntries))
            if (!pair.Contains('='))
                findings.Add(Finding.Warn(Check, $"OTEL_RESOURCE_ATTRIBUTES has '{Terminal.Visible.Of(pair)}' without '=': SDKs drop all of it.", "write key=value,key=value"));
        string? sampler = Value("OTEL_TRACES_SAMPLER");
        if (sampler is "always_off" or "parentbased_always_off")
            findings.Add(Finding.Fail(Check, $"OTEL_TRACES_SAMPLER is {sampler}: no span is recorded.", "unset OTEL_TRACES_SAMPLER; Waybill keeps everything and samples afterwards"));
        else if (sampler?.Contains("ratio", StringComparison.Ordinal) == true)
            findings.Add(Finding.Warn(Check, $"OTEL_TRACES_SAMPLER is {sampler}: only a part of the traces is sent.", "unset OTEL_TRACES_SAMPLER; Waybill keeps everything and samples afterwards"));
        return findings;

        string? Value(string name) => environment.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

        void Examine(string name, string? protocol, string? signal)
        {
            if (Value(name) is not { } text) return;
            any = true;
            int before = findings.Count;
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            {
                findings.Add(Finding.Fail(Check, $"{name} is '{Terminal.Visible.Of(text)}', not a URL with http:// or https://.", $"export {name}=http://127.0.0.1:{(protocol is null or "grpc" ? grpcPort : httpPort)}{(signal is null || protocol is null or "grpc" ? "" : $"/v1/{signal.ToLowerInvariant()}")}"));
                return;
            }
            string path = signal is null ? "" : $"/v1/{signal.ToLowerInvariant()}";
            if (protocol == "grpc" && url.Port == httpPort)
                findings.Add(Finding.Fail(Check, $"{name} names port {httpPort}, which speaks HTTP, but the protocol is grpc.", $"export {name}=http://{url.Host}:{grpcPort}, or export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"));
            else if (protocol is "http/protobuf" or "http/json" && url.Port == grpcPort)
                findings.Add(Finding.Fail(Check, $"{name} names port {grpcPort}, which speaks gRPC, but the protocol is {protocol}.", $"export {name}=http://{url.Host}:{httpPort}{path}, or export OTEL_EXPORTER_OTLP_PROTOCOL=grpc"));
            else if (protocol is null && (url.Port == grpcPort || url.Port == httpPort))
                findings.Add(Finding.Warn(Check, $"{name} names port {url.Port}, but no protocol is set, and the default is grpc in some languages (.NET, Go) and http/protobuf in others (Java, Node).",
                    $"export OTEL_EXPORTER_OTLP_PROTOCOL={(url.Port == grpcPort ? "grpc" : "http/protobuf")}"));
            else if (protocol is not (null or "grpc" or "http/protobuf" or "http/json"))
                findings.Add(Finding.Fail(Check, $"The protocol '{Terminal.Visible.Of(protocol)}' is none of OTLP's.", "export OTEL_EXPORTER_OTLP_PROTOCOL=grpc, http/protobuf or http/json"));
            if (signal is not null && url.Port != grpcPort && protocol != "grpc" && url.AbsolutePath.TrimEnd('/') != path)
                findings.Add(Finding.Fail(Check, $"{name} has the path '{url.AbsolutePath}': SDKs use the endpoint of one signal as it is, without adding {path}.", $"export {name}={url.GetLeftPart(UriPartial.Authority)}{path}"));
            if (signal is null && url.AbsolutePath.Contains("/v1/", StringComparison.Ordinal))
                findings.Add(Finding.Fail(Check, $"{name} has the path '{url.AbsolutePath}', and SDKs add /v1/traces and so on to it.", $"export {name}={url.GetLeftPart(UriPartial.Authority)}"));
            if (url.Scheme == "https" && url.IsLoopback && (url.Port == grpcPort || url.Port == httpPort))
                findings.Add(Finding.Fail(Check, $"{name} is https, but the server on this machine speaks without TLS.", $"export {name}=http://{url.Authority}{url.AbsolutePath.TrimEnd('/')}"));
            if (findings.Count == before) findings.Add(Finding.Ok(Check, $"{name}={Terminal.Visible.Of(text)}{(protocol is null ? "" : $" by {protocol}")}"));
        }
    }
}
