namespace Waybill.Engine.Host;

/// <summary>The blocks of one statement's answer, in order. Formats with header or footer, and statements that are no SELECT, answer in one block.</summary>
internal sealed class BlockSource(ConnectionPool.Lease lease, string sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters, bool whole = false) : IDisposable
{
    private EngineResult? _stream;
    private EngineResult? _block;
    private bool _started;

    /// <summary>The current block, valid until <see cref="Next"/> or disposal.</summary>
    public ReadOnlySpan<byte> Block => _block is null ? default : _block.Bytes;

    public EngineCounts Counts { get; private set; }

    /// <summary>What went wrong; the blocks so far are not the whole answer.</summary>
    public string? Error { get; private set; }

    public bool Ended { get; private set; }

    /// <returns>False at the end or at an error.</returns>
    public bool Next()
    {
        if (Ended) return false;
        _block?.Dispose();
        _block = null;
        if (!_started && !whole) Start();
        _started = true;
        if (Error is not null) return false;

        _block = _stream is null ? lease.Connection.Run(sql, format, parameters) : lease.Connection.Fetch(_stream);
        Error = _block.Error;
        Ended = Error is not null || _stream is null || _block.IsEnd;
        if (Error is null) Counts += _block.Counts;
        return Error is null && (_stream is null || !_block.IsEnd);
    }

    private void Start()
    {
        _stream = lease.Connection.StartStream(sql, format, parameters);
        if (_stream.Error is not { } error) return;

        _stream.Dispose();
        _stream = null;

        // Said before anything ran: "Code: 36. DB::Exception: Streaming query is not supported for query: show tables. (BAD_ARGUMENTS)"
        if (error.Contains("Streaming query is not supported", StringComparison.Ordinal)) return;
        Error = error;
        Ended = true;
    }

    public void Dispose()
    {
        _block?.Dispose();
        if (_stream is null) return;

        // A stream that was killed or failed stays in the process list, and may go on, until it is cancelled too.
        if (!Ended || Error is not null)
        {
            lease.Connection.CancelStream(_stream);
            lease.Reusable = false;
        }

        _stream.Dispose();
    }
}
