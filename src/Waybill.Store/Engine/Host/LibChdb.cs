using System.Runtime.InteropServices;

namespace Waybill.Engine.Host;

/// <summary>The functions of libchdb 26.7.3 in use, as its header declares them. Lengths are bytes; text is UTF-8 and need not end in NUL.</summary>
/// <remarks>
/// A connection runs one statement at a time and the caller sees to that. Every result and every insert stream must be destroyed,
/// also after an error. Handles are pointers owned by the library.
/// </remarks>
internal static unsafe partial class LibChdb
{
    private const string Library = "libchdb";

    /// <returns>A pointer to the connection handle, or null with the reason on the library's standard error.</returns>
    [LibraryImport(Library)] public static partial nint* chdb_connect(int argc, byte** argv);

    [LibraryImport(Library)] public static partial void chdb_close_conn(nint* connection);

    /// <summary>Runs a statement to its end; the whole result is in the library's memory.</summary>
    [LibraryImport(Library)]
    public static partial nint chdb_query_with_params_n(nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    /// <summary>Starts a SELECT whose result is fetched block by block; other statements answer code 36.</summary>
    [LibraryImport(Library)]
    public static partial nint chdb_stream_query_with_params_n(nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength,
        byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    /// <returns>The next block; no rows and no bytes is the end.</returns>
    [LibraryImport(Library)] public static partial nint chdb_stream_fetch_result(nint connection, nint stream);

    [LibraryImport(Library)] public static partial void chdb_stream_cancel_query(nint connection, nint stream);

    /// <returns>A stream, never null; <see cref="chdb_stream_insert_error"/> says whether it opened.</returns>
    [LibraryImport(Library)] public static partial nint chdb_stream_insert_n(nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength);

    [LibraryImport(Library)] public static partial byte* chdb_stream_insert_error(nint stream);

    /// <summary>Copies the bytes; blocks while the engine is behind.</summary>
    /// <returns>0 when taken.</returns>
    [LibraryImport(Library)] public static partial int chdb_stream_append(nint stream, byte* data, nuint length);

    [LibraryImport(Library)] public static partial nint chdb_stream_done(nint stream);
    [LibraryImport(Library)] public static partial void chdb_stream_cancel_insert(nint stream);
    [LibraryImport(Library)] public static partial void chdb_destroy_insert_stream(nint stream);

    [LibraryImport(Library), SuppressGCTransition] public static partial byte* chdb_result_buffer(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial nuint chdb_result_length(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial ulong chdb_result_rows_read(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial ulong chdb_result_storage_rows_read(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial ulong chdb_result_storage_bytes_read(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial ulong chdb_result_rows_written(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial ulong chdb_result_bytes_written(nint result);
    [LibraryImport(Library), SuppressGCTransition] public static partial byte* chdb_result_error(nint result);
    [LibraryImport(Library)] public static partial void chdb_destroy_query_result(nint result);

    /// <summary>What a statement would do, by the engine's own parser; nothing runs.</summary>
    [LibraryImport(Library)]
    public static partial int chdb_classify_query_n(nint connection, byte* sql, nuint sqlLength, byte* database, nuint databaseLength, Analysis* analysis);

    [LibraryImport(Library)] public static partial void chdb_set_signal_handlers_enabled(int enabled);
    [LibraryImport(Library)] public static partial byte* chdb_version();

    /// <summary>chdb_query_analysis_v1.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Analysis
    {
        public uint StructSize;
        public uint StatementCount;
        public uint Flags;
        public StatementClass Class;
    }
}

/// <summary>chdb_query_class: ascending by how restricted a statement is.</summary>
internal enum StatementClass : uint
{
    ReadOnly = 0,
    Mutating = 1,
    MutatingGlobal = 2,

    /// <summary>SET, USE, SYSTEM, KILL, BACKUP, INTO OUTFILE, INSERT INTO FUNCTION.</summary>
    Control = 3,

    /// <summary>Does not parse.</summary>
    Unknown = 4,
}
