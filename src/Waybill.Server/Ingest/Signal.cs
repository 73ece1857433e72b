namespace Waybill.Ingest;

/// <summary>What a request carries.</summary>
public enum Signal : byte { Traces, Logs, Metrics }

/// <summary>How a request was written.</summary>
public enum Protocol : byte { OtlpGrpc, OtlpHttpProtobuf, OtlpHttpJson, ZipkinProtobuf, ZipkinJson, Changes }

/// <summary>The names of signals and protocols in metrics, messages and stored rows.</summary>
public static class Names
{
    public static readonly Signal[] Signals = Enum.GetValues<Signal>();
    public static readonly Protocol[] Protocols = Enum.GetValues<Protocol>();

    public static string Name(this Signal signal) => signal switch
    {
        Signal.Traces => "traces",
        Signal.Logs => "logs",
        _ => "metrics",
    };

    /// <summary>What the items of a signal are called, in the plural.</summary>
    public static string Items(this Signal signal) => signal switch
    {
        Signal.Traces => "spans",
        Signal.Logs => "log records",
        _ => "data points",
    };

    public static string Name(this Protocol protocol) => protocol switch
    {
        Protocol.OtlpGrpc => "otlp-grpc",
        Protocol.OtlpHttpProtobuf => "otlp-http-protobuf",
        Protocol.OtlpHttpJson => "otlp-http-json",
        Protocol.ZipkinProtobuf => "zipkin-protobuf",
        Protocol.Changes => "changes",
        _ => "zipkin-json",
    };
}
