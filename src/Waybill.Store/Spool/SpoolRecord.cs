using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using Waybill.Blocks;
using Waybill.Encryption;

namespace Waybill.Spool;

/// <summary>
/// Builds one record, the rows of one request, in one run of bytes: <see cref="Begin"/>, then a section per table, then <see cref="Complete"/>.
/// Reusable: after an append has completed (or failed) it may begin again. Not for two threads at once.
/// </summary>
/// <param name="sealer">Encrypts each section; null: none is. <see cref="SpoolLog.NewRecord"/> gives the log's.</param>
public sealed class SpoolRecord(Sealer? sealer = null)
{
    private enum State : byte { Empty, Open, InSection, Complete, Appending }

    private readonly ByteBuffer _bytes = new(64 * 1024);
    private readonly Acknowledgement _acknowledgement = new();
    private UInt128 _requestHash;
    private long _receivedUnixNano;
    private int _sectionStart;
    private State _state;

    /// <summary>Bytes on disk, header included; final after <see cref="Complete"/>.</summary>
    public int Length => _bytes.Length;

    /// <summary>Bytes kept for reuse: a pool may drop a record that one big request has blown up.</summary>
    public int BytesHeld => _bytes.BytesHeld;

    internal ReadOnlyMemory<byte> Memory => _bytes.Memory;

    /// <param name="requestHash">Identity of the request; a retry of the same request has the same.</param>
    /// <param name="receivedUnixNano">When the server read the request, Unix nanoseconds.</param>
    public void Begin(UInt128 requestHash, long receivedUnixNano)
    {
        Require(_state != State.Appending, "begin while it is being appended");
        _bytes.Clear();
        _bytes.Take(RecordHeader.Bytes);
        _requestHash = requestHash;
        _receivedUnixNano = receivedUnixNano;
        _state = State.Open;
    }

    /// <summary>Opens the section of a table. Write one ClickHouse Native block, or several, to what is returned; only append, up to <see cref="EndSection"/>.</summary>
    public ByteBuffer BeginSection(byte table)
    {
        Require(_state == State.Open, "begin a section");
        _sectionStart = _bytes.Length;
        _bytes.Take(RecordHeader.SectionBytes)[0] = table;
        if (sealer is not null) _bytes.Take(Sealer.HeadBytes);
        _state = State.InSection;
        return _bytes;
    }

    public void EndSection(int rows)
    {
        Require(_state == State.InSection, "end a section");
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (sealer is not null) _bytes.Take(Sealer.TailBytes);
        Span<byte> section = _bytes.Span[_sectionStart..];
        BinaryPrimitives.WriteUInt32LittleEndian(section[1..], (uint)rows);
        BinaryPrimitives.WriteUInt32LittleEndian(section[5..], (uint)(section.Length - RecordHeader.SectionBytes));
        if (sealer is not null)
        {
            Span<byte> about = stackalloc byte[RecordHeader.AboutBytes];
            RecordHeader.WriteAbout(about, _requestHash, _receivedUnixNano, section);
            sealer.Seal(section[RecordHeader.SectionBytes..], about);
        }
        _state = State.Open;
    }

    /// <summary>Writes lengths and checksum; the record can be appended now.</summary>
    public void Complete()
    {
        Require(_state == State.Open, "be completed");
        Span<byte> record = _bytes.Span;
        new RecordHeader(sealer is null ? RecordHeader.PlainVersion : RecordHeader.SealedVersion, (uint)record.Length, Crc32C.Of(record[RecordHeader.Bytes..]), _requestHash, _receivedUnixNano).Write(record);
        _state = State.Complete;
    }

    internal bool IsSealed => sealer is not null;

    internal UInt128 RequestHash => _requestHash;

    internal long ReceivedUnixNano => _receivedUnixNano;

    internal void BeginAppend()
    {
        Require(_state == State.Complete, "be appended");
        _state = State.Appending;
        _acknowledgement.Reset();
    }

    internal void Stamp(uint offset, uint seed) => RecordHeader.Stamp(_bytes.Span, offset, seed);

    /// <summary>Waits for the end of the append that has begun; <paramref name="withdraw"/> is called when the caller cancels.</summary>
    internal ValueTask WaitForEnd(Action<SpoolRecord> withdraw, CancellationToken cancel) => _acknowledgement.Wait(this, withdraw, cancel);

    /// <summary>Ends the append; the log does not touch the record again.</summary>
    internal void EndAppend(Exception? failure)
    {
        _state = State.Complete;
        _acknowledgement.Set(failure);
    }

    private void Require(bool allowed, string what)
    {
        if (!allowed) throw new InvalidOperationException($"A spool record cannot {what}: it is {_state}. The order is Begin, BeginSection, EndSection, Complete, Append.");
    }

    /// <summary>The waiting of one append, kept with the record so that an append allocates nothing.</summary>
    private sealed class Acknowledgement : IValueTaskSource
    {
        // Asynchronous continuations: the log's writer thread must not run its callers' code.
        private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
        private CancellationTokenRegistration _cancellation;

        public void Reset() => _core.Reset();

        public ValueTask Wait(SpoolRecord record, Action<SpoolRecord> withdraw, CancellationToken cancel)
        {
            if (cancel.CanBeCanceled)
                _cancellation = cancel.UnsafeRegister(static state => { var (withdraw, record) = ((Action<SpoolRecord>, SpoolRecord))state!; withdraw(record); }, (withdraw, record));
            return new(this, _core.Version);
        }

        public void Set(Exception? failure)
        {
            if (failure is null) _core.SetResult(true);
            else _core.SetException(failure);
        }

        public void GetResult(short token)
        {
            _cancellation.Dispose();   // waits for a withdrawal that is running: it must not hit the record's next append
            _cancellation = default;
            _core.GetResult(token);
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
