using System.Globalization;
using System.Text.RegularExpressions;

namespace Waybill.Engine;

/// <summary>The engine refused or failed a statement. <see cref="Code"/> and <see cref="Name"/> are ClickHouse's.</summary>
public sealed partial class EngineException : Exception
{
    public EngineException(int code, string name, string message, Exception? inner = null) : base(message, inner) => (Code, Name) = (code, name);

    /// <summary>ClickHouse's number, as 60 for UNKNOWN_TABLE; 210 (NETWORK_ERROR) also when the connection broke; 0 when the answer had none.</summary>
    public int Code { get; }

    /// <summary>ClickHouse's name, as UNKNOWN_TABLE.</summary>
    public string Name { get; }

    /// <summary>True when the same statement, with the same deduplication token, may succeed later.</summary>
    /// <remarks>252 has two meanings: a table whose merges are behind, and an INSERT that touches more partitions than it may, which fails for ever.</remarks>
    public bool IsRetryable => EngineError.IsRetryable(Code) && !Message.StartsWith("Too many partitions for single INSERT block", StringComparison.Ordinal);

    // Code: 60. DB::Exception: Table default.nosuch does not exist. (UNKNOWN_TABLE) (version 26.7.2.1)
    [GeneratedRegex(@"\A\s*Code: (?<code>\d{1,9})\. DB::Exception: (?<message>.*?)(?: \((?<name>[A-Z][A-Z0-9_]*)\))?(?: \(version [^()]*(?:\([^()]*\))?\))?\s*\z",
        RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shape();

    /// <summary>Reads an error text of the engine.</summary>
    public static EngineException Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success) return new EngineException(0, "UNKNOWN_EXCEPTION", text.Trim());

        string name = match.Groups["name"].Value;
        return new EngineException(int.Parse(match.Groups["code"].ValueSpan, CultureInfo.InvariantCulture), name.Length == 0 ? "UNKNOWN_EXCEPTION" : name, match.Groups["message"].Value);
    }

    /// <summary>The text ClickHouse would answer, without its version.</summary>
    internal string ToWire() => $"Code: {Code}. DB::Exception: {Message} ({Name})";
}
