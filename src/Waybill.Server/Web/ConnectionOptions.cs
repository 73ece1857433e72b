using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Waybill.Web;

/// <summary>Bounds on what a connection may hold or waste. Section <c>Connections</c>; read once, checked at start.</summary>
public sealed class ConnectionOptions
{
    /// <summary>Connections at once, all listeners together. Default 12,000: 10,000 idle senders and room; Kestrel itself has no cap.</summary>
    [Range(10, 1_000_000)] public int ConnectionsMax { get; set; } = 12_000;

    /// <summary>Time for a request's headers to arrive. Default 15 s; Kestrel's 30 s lets slow headers hold a connection twice as long.</summary>
    [Range(1, 300)] public int HeadersTimeoutSeconds { get; set; } = 15;

    /// <summary>Time an idle connection is kept. Default 130 s, as Kestrel, just above the 120 s of common proxies.</summary>
    [Range(1, 3_600)] public int IdleTimeoutSeconds { get; set; } = 130;

    /// <summary>Slowest body accepted after <see cref="RateGraceSeconds"/>, in bytes/s. Default 240, as Kestrel and IIS.</summary>
    [Range(1, 1_000_000)] public int BodyBytesPerSecondMin { get; set; } = 240;

    /// <summary>Time before the slowest rate counts. Default 5 s, as Kestrel, which takes no less than 2.</summary>
    [Range(2, 300)] public int RateGraceSeconds { get; set; } = 5;

    /// <summary>All headers of a request, in bytes. Default 32 KiB, as Kestrel; gRPC asks clients for at most 8 KiB.</summary>
    [Range(4_096, 1_048_576)] public int HeaderBytesMax { get; set; } = 32 * 1024;

    /// <summary>First line of a request, in bytes. Default 64 KiB: a query of 20,000 characters, percent-encoded; Kestrel's 8 KiB cuts off what Grafana's builder makes of a long filter.</summary>
    [Range(8_192, 1_048_576)] public int RequestLineBytesMax { get; set; } = 64 * 1024;

    /// <summary>Calls at once on one HTTP/2 connection. Default 100, as Kestrel and RFC 9113's lowest advice.</summary>
    [Range(1, 10_000)] public int StreamsPerConnectionMax { get; set; } = 100;

    /// <summary>Bytes in flight of one HTTP/2 call before it must wait. Default 768 KiB, as Kestrel.</summary>
    [Range(65_535, 16 * 1024 * 1024)] public int StreamWindowBytes { get; set; } = 768 * 1024;

    /// <summary>Bytes in flight of one HTTP/2 connection. Default 1 MiB, as Kestrel.</summary>
    [Range(65_535, 64 * 1024 * 1024)] public int ConnectionWindowBytes { get; set; } = 1024 * 1024;

    /// <summary>Silence on an HTTP/2 connection before it is pinged; a peer that vanished is found. Default 60 s; Kestrel never asks.</summary>
    [Range(1, 3_600)] public int PingAfterSeconds { get; set; } = 60;

    /// <summary>Time for a ping to be answered. Default 20 s, as Kestrel.</summary>
    [Range(1, 300)] public int PingTimeoutSeconds { get; set; } = 20;

    /// <summary>Largest body of a request that is not telemetry (those have their own bound). Default 8 MiB; Kestrel's is 30 MB.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)] public int BodyBytesMax { get; set; } = 8 * 1024 * 1024;

    internal void Apply(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = ConnectionsMax;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(HeadersTimeoutSeconds);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(IdleTimeoutSeconds);
        var slowest = new MinDataRate(BodyBytesPerSecondMin, TimeSpan.FromSeconds(RateGraceSeconds));
        limits.MinRequestBodyDataRate = slowest;
        limits.MinResponseDataRate = slowest;
        limits.MaxRequestLineSize = RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.MaxRequestBodySize = BodyBytesMax;
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(PingAfterSeconds);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(PingTimeoutSeconds);
    }
}

[OptionsValidator]
internal sealed partial class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>;
