using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Waybill.Egress;
using Waybill.Ledger;
using Waybill.Spool;
using Waybill.Storage;
using Waybill.Web;

namespace Waybill.Audit;

/// <summary>
/// Sends every entry to a collector by syslog over TCP (RFC 5424 messages, octet-counted as RFC 6587 says), at least once, from a cursor that survives a crash.
/// </summary>
/// <remarks>
/// Easy to misread: syslog has no acknowledgement, and what a socket took may be lost with the collector. So each batch has a connection of its own, whose sending
/// side is closed behind it; a collector closes its side when it has read to that end. Only then the cursor moves. A reset or a silence sends the batch again.
/// </remarks>
public sealed partial class SyslogLoop(LedgerLog log, LedgerLoop ledger, NoteSigner signer, AuditOptions options, StorageOptions storage, OutgoingCalls calls, TimeProvider clock, ILogger<SyslogLoop> logger) : BackgroundService
{
    private const int Facility = 13, Informational = 6;   // log audit
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), PauseMin = TimeSpan.FromSeconds(1), PauseMax = TimeSpan.FromMinutes(1);
    private readonly string _cursorPath = Path.Combine(storage.Directory, "audit-syslog.cursor");
    private readonly SemaphoreSlim _more = new(1, 1);
    private long _next, _unconfirmed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.SyslogAddress is not { } address) return;
        ledger.Appended += Wake;
        _next = File.Exists(_cursorPath) && long.TryParse(await File.ReadAllTextAsync(_cursorPath, stoppingToken), NumberStyles.None, CultureInfo.InvariantCulture, out long kept) ? Math.Min(kept, log.Size) : 0;
        TimeSpan pause = PauseMin;
        while (true)
        {
            await _more.WaitAsync(stoppingToken);
            await Task.Delay(pause, clock, stoppingToken);
            try
            {
                while (_next < log.Size) await SendBatch(address, stoppingToken);
                pause = PauseMin;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException && !stoppingToken.IsCancellationRequested)
            {
                Interlocked.Increment(ref _unconfirmed);
                LogNotSent(address, log.Size - _next, e.Message);
                pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
                Wake();
            }
        }
    }

    private void Wake()
    {
        try
        {
            _more.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task SendBatch(string address, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        int colon = address.LastIndexOf(':');
        string host = address[..colon].Trim('[', ']');
        long until = Math.Min(log.Size, _next + options.SyslogBatchEntries);
        await using NetworkStream connection = await calls.Connect(host, int.Parse(address[(colon + 1)..], CultureInfo.InvariantCulture), named: true, patience.Token);
        await using Stream stream = options.SyslogTls ? await Secure(connection, host, patience.Token) : connection;
        foreach (var (number, entry) in AuditExport.Read(log, _next, until)) await stream.WriteAsync(Frame(number, entry), patience.Token);
        await stream.FlushAsync(patience.Token);
        // Who has closed his side before ours tells nothing by it: he cannot have read to our end. A half-closed collector may read on, or never.
        if (connection.Socket.Poll(0, SelectMode.SelectRead) && connection.Socket.Available == 0) throw new IOException("The collector closed its side before it had everything.");
        if (stream is SslStream ssl) await ssl.ShutdownAsync();
        connection.Socket.Shutdown(SocketShutdown.Send);
        byte[] said = new byte[256];
        while (await stream.ReadAsync(said, patience.Token) > 0) { }   // a collector that says something is listened to, not understood
        Keep(until);
    }

    private static async Task<SslStream> Secure(NetworkStream plain, string host, CancellationToken cancel)
    {
        var secure = new SslStream(plain);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancel);
        return secure;
    }

    private byte[] Frame(long number, LedgerEntry entry)
    {
        string time = DateTimeOffset.FromUnixTimeMilliseconds(entry.TimeUnixNano / 1_000_000).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        byte[] message = Encoding.UTF8.GetBytes($"<{Facility * 8 + Informational}>1 {time} {Environment.MachineName} waybill {Environment.ProcessId} audit - {AuditExport.Format(options.SyslogFormat, signer.Key.Name, number, entry)}");
        return [.. Encoding.ASCII.GetBytes($"{message.Length} "), .. message];
    }

    /// <summary>Moves the cursor; a power cut leaves the old or the new one.</summary>
    private void Keep(long next)
    {
        string making = _cursorPath + ".new";
        using (var file = File.OpenHandle(making, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture)), 0);
            Disk.SyncFile(file);
        }
        File.Move(making, _cursorPath, overwrite: true);
        Disk.SyncDirectory(storage.Directory);
        _next = next;
    }

    internal void WriteMetrics(PrometheusText text)
    {
        if (options.SyslogAddress is null) return;
        text.Gauge("waybill_audit_syslog_waiting_entries", "Entries of the ledger that the collector has not confirmed yet.");
        text.Sample(log.Size - _next);
        text.Counter("waybill_audit_syslog_unconfirmed_batches_total", "Batches that were sent, or were to be, and that the collector did not confirm; each is sent again.");
        text.Sample(Interlocked.Read(ref _unconfirmed));
    }

    [LoggerMessage(1, LogLevel.Warning, "Audit events did not reach the collector {Address}; {Waiting} wait and are sent again. {Error}")]
    private partial void LogNotSent(string address, long waiting, string error);
}
