namespace Waybill.Redaction;

/// <summary>What was found, without the text it was found in.</summary>
/// <param name="Key">The attribute's key as it is stored; empty where there is none.</param>
public readonly record struct Finding(string Service, RedactedSignal Signal, Carrier Carrier, string Key, Detector Detector, string Rule, RedactionAction Action);

/// <summary>Counts findings and keeps the shapes of a few, such as <c>xxx@xxxxxxx.xxx</c>. For one request; cleared and reused.</summary>
public sealed class FindingCounts
{
    /// <summary>Kinds of findings told apart in one request; more are counted under an empty key.</summary>
    private const int KindsMax = 256;

    public const int ShapesMax = 3;

    private readonly Dictionary<Finding, Entry> _entries = [];

    private sealed class Entry
    {
        public long Count;
        public readonly List<string> Shapes = [];
    }

    public int Kinds => _entries.Count;

    public long Total { get; private set; }

    public void Clear()
    {
        _entries.Clear();
        Total = 0;
    }

    /// <summary>Counts one.</summary>
    /// <param name="found">The sensitive text: only its shape is kept.</param>
    public void Add(in Finding finding, ReadOnlySpan<byte> found)
    {
        Total++;
        Entry entry = EntryOf(finding);
        entry.Count++;
        if (entry.Shapes.Count >= ShapesMax) return;
        string shape = Shape.Of(found);
        if (!entry.Shapes.Contains(shape)) entry.Shapes.Add(shape);
    }

    /// <summary>Adds what another has counted.</summary>
    public void Add(in Finding finding, long count, IReadOnlyList<string> shapes)
    {
        Total += count;
        Entry entry = EntryOf(finding);
        entry.Count += count;
        foreach (string shape in shapes)
            if (entry.Shapes.Count < ShapesMax && !entry.Shapes.Contains(shape)) entry.Shapes.Add(shape);
    }

    private Entry EntryOf(in Finding finding)
    {
        if (_entries.TryGetValue(finding, out Entry? entry)) return entry;
        var kept = _entries.Count < KindsMax ? finding : finding with { Key = "", Service = "" };
        if (!_entries.TryGetValue(kept, out entry)) _entries.Add(kept, entry = new Entry());
        return entry;
    }

    public void ForEach(Action<Finding, long, IReadOnlyList<string>> each)
    {
        foreach (var (finding, entry) in _entries) each(finding, entry.Count, entry.Shapes);
    }
}

/// <summary>The shape of a text: letters x or X, digits 9, everything else as it is. Enough to tell a false finding, too little to tell a person.</summary>
public static class Shape
{
    private const int LengthMax = 64;

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        Span<char> shape = stackalloc char[LengthMax + 1];
        int length = 0;
        foreach (var rune in new SpanRunes(utf8))
        {
            if (length == LengthMax)
            {
                shape[length++] = '…';
                break;
            }
            shape[length++] = System.Text.Rune.IsDigit(rune) ? '9' : System.Text.Rune.IsUpper(rune) ? 'X' : System.Text.Rune.IsLetter(rune) || !rune.IsAscii ? 'x'
                : System.Text.Rune.IsControl(rune) ? ' ' : (char)rune.Value;
        }
        return new string(shape[..length]);
    }

    /// <summary>The characters of UTF-8, U+FFFD for what is none.</summary>
    internal ref struct SpanRunes(ReadOnlySpan<byte> utf8)
    {
        private ReadOnlySpan<byte> _rest = utf8;

        public System.Text.Rune Current { get; private set; }

        public readonly SpanRunes GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            System.Text.Rune.DecodeFromUtf8(_rest, out var rune, out int consumed);
            Current = rune;
            _rest = _rest[consumed..];
            return true;
        }
    }
}
