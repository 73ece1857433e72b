using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Waybill.Batches;

namespace Waybill.Redaction;

/// <summary>
/// Easy to misread, and a mistake stores a secret: every text of a batch that reaches the store goes through <see cref="Redact(TextArena, Text, Carrier)"/> or
/// <see cref="Redact(TextArena, AttributeColumns, Column{int}, Column{uint}, int, Carrier)"/>. A new column of text in a batch needs its line in <see cref="BatchRedaction"/>.
/// </summary>
/// <remarks>Holds the plans of the keys it has met and what it needs to work. Reused; one request at a time.</remarks>
internal sealed class RedactionPass(byte[] hashKey)
{
    /// <summary>Services whose plans are kept, when rules ask for services; beyond it the table starts afresh.</summary>
    private const int ServicesMax = 64;

    private static readonly byte[][] CarrierNames = [.. Carriers.AllNames.Select(Encoding.UTF8.GetBytes)];

    private readonly Dictionary<byte[], KeyPlans?[]> _byService = new(BytesComparer.Instance);
    private readonly Finder _finder = new();
    private readonly Rewriter _rewriter = new(hashKey);
    private readonly TextArena _scratch = new(), _decoded = new();
    private JsonRedaction? _json;
    private RuleSet _rules = RuleSet.Default;
    private KeyPlans?[] _plans = [];
    private byte[] _service = [];
    private string? _serviceName;
    private RedactedSignal _signal;
    private FindingCounts? _findings;
    private bool _dropped;

    /// <summary>Begins a request: its signal, the rules that hold for all of it, and where its findings are counted.</summary>
    public void Begin(RuleSet rules, RedactedSignal signal, FindingCounts findings)
    {
        if (!ReferenceEquals(rules, _rules) || _byService.Count > ServicesMax) _byService.Clear();
        (_rules, _signal, _findings) = (rules, signal, findings);
        _service = [];
        Choose([]);
    }

    /// <summary>Names the service that the following texts belong to.</summary>
    public void BeginService(ReadOnlySpan<byte> service)
    {
        if (service.SequenceEqual(_service)) return;
        Choose(service);
    }

    private void Choose(ReadOnlySpan<byte> service)
    {
        _serviceName = null;
        if (!service.SequenceEqual(_service)) _service = service.ToArray();
        byte[] key = _rules.AsksForService ? _service : [];
        if (!_byService.TryGetValue(key, out var plans)) _byService.Add(key, plans = new KeyPlans?[Carriers.Count * Carriers.AllSignalNames.Count]);
        _plans = plans!;
    }

    public KeyPlans PlansOf(Carrier carrier) =>
        _plans[(int)_signal * Carriers.Count + (int)carrier] ??= new KeyPlans(_rules, _signal, carrier, _rules.AsksForService ? _service : []);

    /// <summary>Redacts a text that has no key, such as a span's name. Returns where it lies now.</summary>
    public Text Redact(TextArena arena, Text text, Carrier carrier)
    {
        if (text.IsEmpty) return text;
        var plan = PlansOf(carrier).Of(CarrierNames[(int)carrier], 0, out _);
        return Redact(arena, text, plan, carrier, hasKey: false);
    }

    /// <summary>Redacts a log's body.</summary>
    public AnyValue Redact(TextArena arena, AnyValue body, Carrier carrier)
    {
        if (!body.HasText) return body;
        var plan = PlansOf(carrier).Of(CarrierNames[(int)carrier], 0, out _);
        return plan.Whole is { Action: RedactionAction.Drop } && Count(plan, carrier, hasKey: false, Detector.Key, arena[body.Text]) ? AnyValue.Empty : Redact(arena, body, plan, carrier, hasKey: false);
    }

    /// <summary>Redacts the attributes of all rows, keys included; an attribute that is dropped leaves its row and is counted there.</summary>
    /// <param name="ends">Where each row's attributes end.</param>
    /// <param name="dropped">How many attributes each row has lost; null where nothing counts them.</param>
    public void Redact(TextArena arena, AttributeColumns attributes, Range range, Carrier carrier)
    {
        var plans = PlansOf(carrier);
        int first = range.Start.Value, end = range.End.Value;
        for (int i = first; i < end; i++)
        {
            var key = arena[attributes.Key.Span[i]];
            var plan = plans.Of(key, i - first, out bool isNew);
            if (isNew) LookAtKey(plan);
            AnyValue value = attributes.Value.Span[i];
            if (plan.RenamesKey)
            {
                Count(plan, carrier, hasKey: true, plan.InKey, plan.Key);
                attributes.Key[i] = arena.Append(plan.StoredKey);
            }
            if (plan.Whole is { Action: RedactionAction.Drop })
            {
                Count(plan, carrier, hasKey: true, Detector.Key, value.HasText ? arena[value.Text] : default);
                attributes.Key[i] = new Text(-1, 0);
                _dropped = true;
                continue;
            }
            if (value.HasText || plan.LooksAtNumbers)
            {
                AnyValue redacted = Redact(arena, value, plan, carrier, hasKey: true);
                if (redacted != value) attributes.Value[i] = redacted;
            }
        }
    }

    /// <summary>Takes out the attributes that were dropped since the last call.</summary>
    public void TakeOutDropped(AttributeColumns attributes, Column<int> ends, Column<uint>? dropped)
    {
        if (!_dropped) return;
        _dropped = false;
        int kept = 0, at = 0;
        for (int row = 0; row < ends.Count; row++)
        {
            for (; at < ends[row]; at++)
            {
                if (attributes.Key[at].Offset < 0)
                {
                    if (dropped is not null) dropped[row]++;
                    continue;
                }
                attributes.Key[kept] = attributes.Key[at];
                attributes.Value[kept++] = attributes.Value[at];
            }
            ends[row] = kept;
        }
        attributes.Truncate(kept);
    }

    private AnyValue Redact(TextArena arena, AnyValue value, KeyPlan plan, Carrier carrier, bool hasKey)
    {
        switch (value.Type)
        {
            case Batches.ValueType.String:
                Text text = Redact(arena, value.Text, plan, carrier, hasKey);
                return text == value.Text ? value : AnyValue.String(text);
            case Batches.ValueType.Json:
                _json ??= new JsonRedaction(this);
                _scratch.Clear();
                return _json.Rewrite(arena[value.Text], plan, carrier, hasKey, _scratch) ? AnyValue.Json(arena.Append(_scratch.Bytes)) : value;
            case Batches.ValueType.Bytes:
                _scratch.Clear();
                return RewriteBase64(arena[value.Text], plan, carrier, hasKey, _scratch) ? AnyValue.Bytes(arena.Append(_scratch.Bytes)) : value;
            default:
                return RedactNumber(arena, value, plan, carrier, hasKey);
        }
    }

    private Text Redact(TextArena arena, Text text, KeyPlan plan, Carrier carrier, bool hasKey)
    {
        var value = arena[text];
        if (!_finder.Find(value, plan)) return text;
        int start = arena.Length;
        Append(arena, value, plan, carrier, hasKey);
        return new Text(start, arena.Length - start);
    }

    /// <summary>Appends a value with what is sensitive in it changed.</summary>
    /// <returns>False, and nothing appended, when there is nothing.</returns>
    internal bool Rewrite(ReadOnlySpan<byte> value, KeyPlan plan, Carrier carrier, bool hasKey, TextArena to)
    {
        if (!_finder.Find(value, plan)) return false;
        Append(to, value, plan, carrier, hasKey);
        return true;
    }

    /// <summary>As <see cref="Rewrite"/>, for bytes written as base64: what they say is looked at, and what comes out is base64 again.</summary>
    internal bool RewriteBase64(ReadOnlySpan<byte> base64, KeyPlan plan, Carrier carrier, bool hasKey, TextArena to)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, bytes, out _, out int length) != System.Buffers.OperationStatus.Done) return Rewrite(base64, plan, carrier, hasKey, to);
        _decoded.Clear();
        if (!Rewrite(bytes.AsSpan(0, length), plan, carrier, hasKey, _decoded)) return false;
        Base64.EncodeToUtf8(_decoded.Bytes, to.Reserve(Base64.GetMaxEncodedToUtf8Length(_decoded.Length)), out _, out _);
        return true;
    }

    private AnyValue RedactNumber(TextArena arena, AnyValue value, KeyPlan plan, Carrier carrier, bool hasKey)
    {
        Span<byte> digits = stackalloc byte[32];
        int length = 0;
        switch (value.Type)
        {
            case Batches.ValueType.Int: value.Int.TryFormat(digits, out length, default, CultureInfo.InvariantCulture); break;
            case Batches.ValueType.Double when plan.Whole is not null: value.Double.TryFormat(digits, out length, "R", CultureInfo.InvariantCulture); break;
        }
        if (length == 0 || !_finder.Find(digits[..length], plan)) return value;
        int start = arena.Length;
        Append(arena, digits[..length], plan, carrier, hasKey);
        return AnyValue.String(new Text(start, arena.Length - start));
    }

    private void Append(TextArena to, ReadOnlySpan<byte> value, KeyPlan plan, Carrier carrier, bool hasKey)
    {
        int copied = 0;
        foreach (var match in _finder.Matches)
        {
            var found = value.Slice(match.Start, match.Length);
            Verdict verdict = plan.Of(match);
            to.Append(value[copied..match.Start]);
            _rewriter.Append(to, found, match.Detector, verdict);
            Count(plan, carrier, hasKey, match.Detector, found, verdict);
            copied = match.End;
        }
        to.Append(value[copied..]);
    }

    /// <summary>Keys are made of data sometimes: <c>login.ada@example.com</c>.</summary>
    private void LookAtKey(KeyPlan plan)
    {
        if (plan.Whole is { Action: RedactionAction.Keep } || !Detection.Prefilter.MayHold(plan.Key)) return;
        var matches = new Column<Detection.Match>(4);
        Detection.Scanner.Find(plan.Key, plan.Detectors, 0, matches);
        if (matches.Count == 0) return;
        var renamed = new TextArena();
        int copied = 0;
        foreach (var match in matches.Span)
        {
            renamed.Append(plan.Key.AsSpan(copied, match.Start - copied));
            _rewriter.Append(renamed, plan.Key.AsSpan(match.Start, match.Length), match.Detector, plan.Of(match.Detector));
            copied = match.End;
        }
        renamed.Append(plan.Key.AsSpan(copied));
        plan.InKey = matches[0].Detector;
        plan.StoredKey = renamed.Length == 0 ? "[redacted]"u8.ToArray() : renamed.Bytes.ToArray();
    }

    /// <summary>Appends a JSON property's name when something in it is sensitive.</summary>
    internal bool RewriteKey(ReadOnlySpan<byte> key, KeyPlan plan, Carrier carrier, TextArena to)
    {
        if (!Detection.Prefilter.MayHold(key)) return false;
        var matches = new Column<Detection.Match>(4);
        Detection.Scanner.Find(key, plan.Detectors, 0, matches);
        if (matches.Count == 0) return false;
        int copied = 0;
        foreach (var match in matches.Span)
        {
            to.Append(key[copied..match.Start]);
            _rewriter.Append(to, key.Slice(match.Start, match.Length), match.Detector, plan.Of(match.Detector));
            Count(plan, carrier, hasKey: true, match.Detector, key.Slice(match.Start, match.Length));
            copied = match.End;
        }
        to.Append(key[copied..]);
        return true;
    }

    internal KeyPlan PlanOfPath(ReadOnlySpan<byte> path, Carrier carrier)
    {
        var plan = PlansOf(carrier).Of(path, int.MaxValue, out bool isNew);
        if (isNew) LookAtKey(plan);
        return plan;
    }

    internal bool Count(KeyPlan plan, Carrier carrier, bool hasKey, Detector detector, ReadOnlySpan<byte> found, Verdict? verdict = null)
    {
        verdict ??= detector == Detector.Key ? plan.Whole! : plan.Of(detector);
        _serviceName ??= Encoding.UTF8.GetString(_service);
        _findings?.Add(new Finding(_serviceName, _signal, carrier, hasKey ? plan.Name : "", detector, verdict.Rule, verdict.Action), found);
        return true;
    }
}
