using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Waybill.Web;

namespace Waybill.Tls;

/// <summary>Puts TLS before a listener: the newest certificate for each handshake, clients' certificates on the ports of telemetry, and a word to who speaks without.</summary>
internal sealed partial class TlsDoors(
    TlsOptions options, WatchedFiles<ServerCertificate> certificate, WatchedFiles<ClientAuthorities>? authorities, SelfCertificate self, HandshakeCounts counts, TimeProvider clock, ILogger<TlsDoors> log)
{
    private const byte Handshake = 22;   // TLS record type, RFC 8446, section 5.1
    private const string PlainAnswer = "This port speaks TLS. Use https:// and the server's name.\n";

    private static readonly object Shaken = new(), Reason = new();
    private static readonly byte[] PlainHttp = Encoding.ASCII.GetBytes($"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {PlainAnswer.Length}\r\nConnection: close\r\n\r\n{PlainAnswer}");
    private static readonly byte[] PlainHttp2 = [0, 0, 0, 4, 0, 0, 0, 0, 0, .. GoAway(PlainAnswer.TrimEnd())];

    public void Put(ListenOptions listen, Listener listener)
    {
        listen.Use(next => connection => Watch(next, connection, listener));
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = options.HandshakeTimeout, OnConnection = context => ValueTask.FromResult(Answer(context.Connection, listener, listen.Protocols)) });
        listen.Use(next => connection =>
        {
            // gRPC is HTTP/2, which a client must ask for in its handshake (RFC 9113, section 3.2). Kestrel would write an error to the log for each that does not.
            if (listen.Protocols == HttpProtocols.Http2 && !connection.Features.Get<ITlsApplicationProtocolFeature>()!.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span)) return Task.CompletedTask;
            connection.Items[Shaken] = Shaken;
            return next(connection);
        });
    }

    /// <summary>What a handshake goes by. Made for each, so that what was renewed holds for the next.</summary>
    private SslServerAuthenticationOptions Answer(ConnectionContext connection, Listener listener, HttpProtocols protocols)
    {
        var answer = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Current.Context,
            EnabledSslProtocols = options.Versions,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            ApplicationProtocols = protocols switch
            {
                HttpProtocols.Http2 => [SslApplicationProtocol.Http2],
                HttpProtocols.Http1 => [SslApplicationProtocol.Http11],
                _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            },
        };
        if (authorities is null || listener == Listener.Console) return answer;
        answer.ClientCertificateRequired = true;   // asked for; whether it must be there is said below
        answer.CertificateChainPolicy = authorities.Current.Policy(clock.GetUtcNow());
        answer.RemoteCertificateValidationCallback = (_, shown, chain, errors) => Takes(connection, listener, shown, chain, errors);
        answer.AllowTlsResume = false;             // a session must not outlive what its certificate was checked against
        return answer;
    }

    private bool Takes(ConnectionContext connection, Listener listener, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        TlsRefusal? wrong = shown is null ? options.ClientCertificateRequired ? TlsRefusal.ClientMissing : null
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && !self.Is(shown) ? WhyNot(chain, (X509Certificate2)shown) : null;
        if (wrong is not { } reason) return true;
        connection.Items[Reason] = reason;
        string? peer = (connection.RemoteEndPoint as System.Net.IPEndPoint)?.Address.ToString();
        counts.RefusedClient(listener, reason, peer, shown?.Subject);
        LogRefused(peer, listener, shown?.Subject, HandshakeCounts.Label(reason));
        return false;
    }

    /// <summary>Of all that is wrong what matters most: who vouches for it, then time, then purpose.</summary>
    private TlsRefusal WhyNot(X509Chain? chain, X509Certificate2 shown)
    {
        X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        const X509ChainStatusFlags unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((flags & unknown) != 0) return TlsRefusal.ClientAuthority;
        if ((flags & X509ChainStatusFlags.NotTimeValid) != 0) return shown.NotBefore.ToUniversalTime() > clock.GetUtcNow().UtcDateTime ? TlsRefusal.ClientNotYetValid : TlsRefusal.ClientExpired;
        return (flags & X509ChainStatusFlags.NotValidForUsage) != 0 ? TlsRefusal.ClientUsage : TlsRefusal.ClientInvalid;
    }

    private async Task Watch(ConnectionDelegate next, ConnectionContext connection, Listener listener)
    {
        if (await FirstByte(connection, listener) is not { } first) return;
        if (first != Handshake)
        {
            counts.Refused(listener, TlsRefusal.Plaintext);
            // To who speaks HTTP it is said in HTTP, to others not at all.
            if (char.IsAsciiLetterUpper((char)first)) await connection.Transport.Output.WriteAsync(listener == Listener.OtlpGrpc ? PlainHttp2 : PlainHttp);
            return;
        }
        await next(connection);
        if (!connection.Items.ContainsKey(Shaken)) counts.Refused(listener, connection.Items.TryGetValue(Reason, out object? reason) ? (TlsRefusal)reason! : TlsRefusal.Handshake);
    }

    /// <returns>Null when the client went away or said nothing.</returns>
    private async ValueTask<byte?> FirstByte(ConnectionContext connection, Listener listener)
    {
        using var patience = new CancellationTokenSource(options.HandshakeTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed);
        try
        {
            ReadResult read = await connection.Transport.Input.ReadAsync(either.Token);
            byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
            return first;
        }
        catch (OperationCanceledException)
        {
            if (patience.IsCancellationRequested) counts.Refused(listener, TlsRefusal.Timeout);
            return null;
        }
        catch (Exception e) when (e is IOException or ConnectionResetException or ConnectionAbortedException)
        {
            return null;
        }
    }

    /// <summary>The frame that ends an HTTP/2 connection, with words that gRPC clients show.</summary>
    private static byte[] GoAway(string words)
    {
        const byte type = 7, protocolError = 1;
        byte[] frame = new byte[9 + 8 + words.Length];
        frame[2] = (byte)(8 + words.Length);
        frame[3] = type;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(13), protocolError);
        Encoding.ASCII.GetBytes(words, frame.AsSpan(17));
        return frame;
    }

    [LoggerMessage(1, LogLevel.Warning, "The client certificate of {Peer} on {Listener} was not taken: {Subject}, {Reason}")]
    private partial void LogRefused(string? peer, Listener listener, string? subject, string reason);
}
