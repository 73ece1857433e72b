using System.Text.RegularExpressions;

namespace Waybill.Engine.Host;

/// <summary>What the host must know of a statement's text; everything else is the engine's own parser's to say.</summary>
internal static partial class SqlText
{
    // INSERT INTO spans (a, b) FORMAT Native
    [GeneratedRegex(@"\A(?<into>\s*INSERT\s+INTO\s.*)\sFORMAT\s+(?<format>\w+)\s*\z", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InsertWithFormat();

    [GeneratedRegex(@"\A\s*INSERT\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Insert();

    [GeneratedRegex(@"\A\s*INSERT\s[^']*\sFORMAT\s+(?<format>\w+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InlineInsert();

    [GeneratedRegex(@"\sFORMAT\s+(?<format>\w+)\s*(SETTINGS\s[^']*)?;?\s*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TrailingFormat();

    // Functions that reach outside the engine. readonly=1 refuses most as table functions, yet allows scalar file(), DESCRIBE file() and
    // INTO OUTFILE. A name written in quotes can hide behind escapes, and a comment may stand before the parenthesis: both are refused.
    [GeneratedRegex("""\bINTO\s+OUTFILE\b|(\b(file|fileCluster|filesystem|url|urlCluster|s3|s3Cluster|gcs|oss|cosn|azureBlobStorage|azureBlobStorageCluster|hdfs|hdfsCluster|remote|remoteSecure|cluster|clusterAllReplicas|mysql|postgresql|mongodb|redis|sqlite|jdbc|odbc|executable|python|input|iceberg\w*|deltaLake\w*|hudi\w*|paimon\w*|arrowFlight|ytsaurus)|[`"])\s*(\(|/\*|--|#)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Outside();

    // Formats whose blocks, written one after another, are the same as the whole: no header, no footer. The rest is answered in one piece.
    private static readonly HashSet<string> Streamable = new(StringComparer.OrdinalIgnoreCase)
    {
        "Native", "RowBinary", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONEachRow", "JSONLines", "NDJSON", "JSONCompactEachRow",
    };

    /// <summary>Splits an INSERT that announces data in a format, as it stands in the <c>query</c> parameter.</summary>
    public static bool TrySplitInsert(string sql, out string into, out string format)
    {
        var match = InsertWithFormat().Match(sql);
        (into, format) = (match.Groups["into"].Value, match.Groups["format"].Value);
        return match.Success && !format.Equals("Values", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True for an INSERT with its data in the same text, which the library cuts at the first semicolon.</summary>
    public static bool HasInlineData(string sql) => InlineInsert().Match(sql) is { Success: true } match && !match.Groups["format"].ValueSpan.Equals("Values", StringComparison.OrdinalIgnoreCase);

    /// <summary>The format a statement is answered in: its own FORMAT clause, else the request's.</summary>
    public static string Format(string sql, string requested) => TrailingFormat().Match(sql) is { Success: true } match ? match.Groups["format"].Value : requested;

    public static bool IsStreamable(string format) => Streamable.Contains(format);

    /// <summary>Refuses what a read may not be: several statements, anything that changes something, anything that reaches outside.</summary>
    /// <exception cref="EngineException">62 or 164.</exception>
    public static void RequireRead(string sql, EngineConnection connection)
    {
        RefuseOutside(sql);
        var (kind, count) = connection.Classify(sql);
        if (kind == StatementClass.Unknown) return;   // does not parse: the engine's own message, with its position, is better than ours
        if (count > 1) throw new EngineException(EngineError.SyntaxError, "SYNTAX_ERROR", "Multi-statements are not allowed: send one statement per request.");
        if (kind != StatementClass.ReadOnly) throw new EngineException(EngineError.ReadOnly, "READONLY", "Cannot execute query in readonly mode: this statement changes something.");
    }

    /// <summary>Refuses every text that could call a function reaching files, the network or other programs.</summary>
    /// <exception cref="EngineException">164.</exception>
    public static void RefuseOutside(string sql)
    {
        if (Outside().Match(sql) is { Success: true } match)
            throw new EngineException(EngineError.ReadOnly, "READONLY", $"Cannot execute query in readonly mode: '{match.Value}' reads or writes outside the engine, or a quoted name is called as a function. Send text as a {{name:String}} parameter.");
    }

    /// <summary>The text with a mark by which it is found in <c>system.processes</c>; behind the statement, so positions in errors stay right.</summary>
    public static string Mark(string sql, string mark) => Insert().IsMatch(sql) ? $"/*{mark}*/ {sql}" : $"{sql.TrimEnd(' ', '\t', '\r', '\n', ';')}\n/*{mark}*/";
}
