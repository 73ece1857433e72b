using System.Text.RegularExpressions;

namespace Waybill.Redaction;

/// <summary>One rule: where it looks, what it looks for, and what it does. Empty lists mean everywhere.</summary>
/// <param name="Keys">Attribute keys; with none named, a rule looks at every text.</param>
/// <param name="Detectors">What it looks for. With neither detectors nor a pattern it takes the whole value.</param>
/// <param name="IsBuiltIn">One of the defaults.</param>
public sealed record Rule(string Name, RedactionAction Action)
{
    public IReadOnlyList<Glob> Keys { get; init; } = [];
    public IReadOnlyList<RedactedSignal> Signals { get; init; } = [];
    public IReadOnlyList<Glob> Services { get; init; } = [];
    public IReadOnlyList<Carrier> Carriers { get; init; } = [];
    public IReadOnlyList<Detector> Detectors { get; init; } = [];

    /// <summary>Never backtracks, so its time grows with the text's length alone.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>Characters that truncating leaves.</summary>
    public int LengthMax { get; init; }

    /// <summary>What replacing writes; null for <c>[redacted:detector]</c>.</summary>
    public string? Replacement { get; init; }

    public bool IsBuiltIn { get; init; }

    public bool TakesWholeValue => Detectors.Count == 0 && Pattern is null;

    internal bool AppliesTo(RedactedSignal signal, Carrier carrier, ReadOnlySpan<byte> key, ReadOnlySpan<byte> service) =>
        (Signals.Count == 0 || Signals.Contains(signal)) && (Carriers.Count == 0 || Carriers.Contains(carrier)) && Any(Keys, key) && Any(Services, service);

    private static bool Any(IReadOnlyList<Glob> globs, ReadOnlySpan<byte> name)
    {
        if (globs.Count == 0) return true;
        foreach (var glob in globs)
            if (glob.Matches(name)) return true;
        return false;
    }
}

/// <summary>What passes in allow mode: everything else of the same places is dropped.</summary>
public sealed record Allowance(IReadOnlyList<Glob> Keys, IReadOnlyList<RedactedSignal> Signals, IReadOnlyList<Glob> Services)
{
    internal bool Covers(RedactedSignal signal, ReadOnlySpan<byte> key, ReadOnlySpan<byte> service)
    {
        if (Signals.Count > 0 && !Signals.Contains(signal)) return false;
        if (Services.Count > 0 && !Matches(Services, service)) return false;
        return Matches(Keys, key);
    }

    private static bool Matches(IReadOnlyList<Glob> globs, ReadOnlySpan<byte> name)
    {
        foreach (var glob in globs)
            if (glob.Matches(name)) return true;
        return false;
    }
}
