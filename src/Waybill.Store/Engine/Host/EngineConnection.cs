using System.Runtime.InteropServices;
using static Waybill.Engine.Host.LibChdb;

namespace Waybill.Engine.Host;

/// <summary>One connection of the library: a session with its own settings. Not thread-safe; one statement at a time.</summary>
internal sealed unsafe class EngineConnection : IDisposable
{
    private nint* _owner;

    private EngineConnection(nint* owner) => _owner = owner;

    /// <exception cref="EngineStartException">The library answered null; it has written the reason to standard error.</exception>
    public static EngineConnection Open(params ReadOnlySpan<string> arguments)
    {
        using var text = new NativeText(["clickhouse", .. arguments]);
        nint* owner = chdb_connect(arguments.Length + 1, text.Pointers);
        return owner is null
            ? throw new EngineStartException(
                "The engine did not open its data directory; its reason is the line above. A directory is used by one process at a time and must be writable.")
            : new EngineConnection(owner);
    }

    private nint Handle => _owner is null ? throw new ObjectDisposedException(nameof(EngineConnection)) : *_owner;

    /// <summary>Runs a statement to its end.</summary>
    public EngineResult Run(string sql, string format = "TabSeparated", IReadOnlyList<KeyValuePair<string, string>>? parameters = null) =>
        Send(sql, format, parameters ?? [], stream: false);

    /// <summary>Starts a SELECT. The result holds an error or nothing; blocks come from <see cref="Fetch"/>.</summary>
    public EngineResult StartStream(string sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters) =>
        Send(sql, format, parameters, stream: true);

    /// <summary>The next block of a stream; an empty one is the end.</summary>
    public EngineResult Fetch(EngineResult stream) => new(chdb_stream_fetch_result(Handle, stream.Handle));

    public void CancelStream(EngineResult stream) => chdb_stream_cancel_query(Handle, stream.Handle);

    /// <summary>Starts an INSERT without FORMAT clause; its data follows by <see cref="EngineInsert.Append"/>.</summary>
    public EngineInsert StartInsert(string sql, string format)
    {
        using var text = new NativeText([sql, format]);
        return new EngineInsert(chdb_stream_insert_n(Handle, text.Pointers[0], text.Lengths[0], text.Pointers[1], text.Lengths[1]));
    }

    /// <summary>Class and number of the statements in a text, by the engine's parser.</summary>
    public (StatementClass Class, int Count) Classify(string sql)
    {
        using var text = new NativeText([sql]);
        var analysis = new Analysis { StructSize = (uint)sizeof(Analysis) };
        return chdb_classify_query_n(Handle, text.Pointers[0], text.Lengths[0], null, 0, &analysis) == 0
            ? (analysis.Class, (int)analysis.StatementCount)
            : (StatementClass.Unknown, 0);
    }

    private EngineResult Send(string sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters, bool stream)
    {
        using var text = new NativeText([sql, format]);
        using var names = new NativeText([.. parameters.Select(p => p.Key)]);
        using var values = new NativeText([.. parameters.Select(p => p.Value)]);
        nint result = stream
            ? chdb_stream_query_with_params_n(Handle, text.Pointers[0], text.Lengths[0], text.Pointers[1], text.Lengths[1],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count)
            : chdb_query_with_params_n(Handle, text.Pointers[0], text.Lengths[0], text.Pointers[1], text.Lengths[1],
                names.Pointers, names.Lengths, values.Pointers, values.Lengths, (nuint)parameters.Count);
        return new EngineResult(result);
    }

    public void Dispose()
    {
        if (_owner is not null) chdb_close_conn(_owner);
        _owner = null;
    }
}

/// <summary>A result, or one block of a stream, in the library's memory.</summary>
internal sealed unsafe class EngineResult(nint handle) : IDisposable
{
    public nint Handle { get; private set; } = handle;

    /// <summary>Null when all went well.</summary>
    public string? Error => Marshal.PtrToStringUTF8((nint)chdb_result_error(Handle));

    /// <summary>The formatted rows; valid until the result is disposed.</summary>
    public ReadOnlySpan<byte> Bytes => new(chdb_result_buffer(Handle), checked((int)chdb_result_length(Handle)));

    public bool IsEnd => chdb_result_rows_read(Handle) == 0 && chdb_result_length(Handle) == 0;

    public EngineCounts Counts => new(chdb_result_storage_rows_read(Handle), chdb_result_storage_bytes_read(Handle),
        chdb_result_rows_written(Handle), chdb_result_bytes_written(Handle), chdb_result_rows_read(Handle), (ulong)chdb_result_length(Handle));

    public void Dispose()
    {
        if (Handle != 0) chdb_destroy_query_result(Handle);
        Handle = 0;
    }
}

/// <summary>What a statement read, wrote and answered; rows and bytes.</summary>
internal readonly record struct EngineCounts(ulong ReadRows, ulong ReadBytes, ulong WrittenRows, ulong WrittenBytes, ulong ResultRows, ulong ResultBytes)
{
    public static EngineCounts operator +(EngineCounts a, EngineCounts b) => new(a.ReadRows + b.ReadRows, a.ReadBytes + b.ReadBytes,
        a.WrittenRows + b.WrittenRows, a.WrittenBytes + b.WrittenBytes, a.ResultRows + b.ResultRows, a.ResultBytes + b.ResultBytes);
}

/// <summary>
/// An INSERT that takes its data in pieces. Disposing it unfinished breaks it off: insert blocks that were full by then stay, and are
/// dropped by the token when it is repeated.
/// </summary>
internal sealed unsafe class EngineInsert(nint handle) : IDisposable
{
    private nint _handle = handle;

    public string? Error => Marshal.PtrToStringUTF8((nint)chdb_stream_insert_error(_handle));

    /// <returns>False when the statement has failed: <see cref="Finish"/> tells why.</returns>
    public bool Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data) return chdb_stream_append(_handle, bytes, (nuint)data.Length) == 0;
    }

    public EngineResult Finish() => new(chdb_stream_done(_handle));

    public void Dispose()
    {
        if (_handle != 0) chdb_destroy_insert_stream(_handle);
        _handle = 0;
    }
}
