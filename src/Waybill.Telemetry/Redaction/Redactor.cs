using System.Collections.Concurrent;
using System.Text;
using Waybill.Batches;
using Waybill.Logs;
using Waybill.Metrics;
using Waybill.Spans;

namespace Waybill.Redaction;

/// <summary>What a text of another room is: it gives the rules something to choose by, and the detectors context.</summary>
/// <param name="Key">The name of the field the text stands in; "password" makes all of it a secret.</param>
public readonly record struct TextContext(RedactedSignal Signal, string Service = "", string Key = "", Carrier Carrier = Carrier.Text);

/// <summary>One thing found in a text, by bytes of its UTF-8.</summary>
public readonly record struct FoundText(Detector Detector, string Rule, RedactionAction Action, int Start, int Length, string Shape);

/// <summary>The door that everything passes before it is stored, logged or answered. Thread-safe; the rules may be swapped at any time.</summary>
/// <param name="hashKey">The HMAC's key, 32 bytes; equal values hash equally as long as it is the same.</param>
public sealed class Redactor(byte[] hashKey)
{
    private readonly ConcurrentBag<RedactionPass> _passes = [];
    private readonly Lock _lock = new();
    private readonly FindingCounts _elsewhere = new();
    private volatile RuleSet _rules = RuleSet.Default;

    /// <summary>The rules in force. A request keeps those that it began with.</summary>
    public RuleSet Rules
    {
        get => _rules;
        set => _rules = value;
    }

    public void Redact(SpanBatch batch, FindingCounts findings) => With(RedactedSignal.Traces, _rules, findings, batch, static (pass, batch) => pass.Redact(batch));

    public void Redact(LogBatch batch, FindingCounts findings) => With(RedactedSignal.Logs, _rules, findings, batch, static (pass, batch) => pass.Redact(batch));

    public void Redact(MetricBatch batch, FindingCounts findings) => With(RedactedSignal.Metrics, _rules, findings, batch, static (pass, batch) => pass.Redact(batch));

    /// <summary>Redacts a text of another room. A clean one comes back as the same string.</summary>
    public string Redact(string text, in TextContext context) => Elsewhere(text, context, (redactor, findings, text, context) => redactor.Redact(text, context, redactor._rules, findings));

    /// <summary>Redacts JSON: keys give their values context, and only what is sensitive changes.</summary>
    public byte[] RedactJson(ReadOnlySpan<byte> json, in TextContext context)
    {
        var text = new TextArena();
        var value = AnyValue.Json(text.Append(json));
        return Elsewhere((text, value), context, static (redactor, findings, both, context) => redactor.Redact(both.text, both.value, context, redactor._rules, findings));
    }

    /// <summary>Redacts a text under rules that need not be the ones in force: for tests of rules and of what is stored.</summary>
    public string Redact(string text, in TextContext context, RuleSet rules, FindingCounts findings)
    {
        var arena = new TextArena();
        var value = AnyValue.String(arena.Append(Encoding.UTF8.GetBytes(text)));
        byte[] redacted = Redact(arena, value, context, rules, findings);
        return arena[value.Text].SequenceEqual(redacted) ? text : Encoding.UTF8.GetString(redacted);
    }

    /// <summary>Redacts a stored value, whatever its type.</summary>
    /// <returns>What it would be stored as; empty when it would be dropped.</returns>
    public byte[] Redact(TextArena arena, AnyValue value, in TextContext context, RuleSet rules, FindingCounts findings)
    {
        byte[] service = Encoding.UTF8.GetBytes(context.Service ?? ""), key = Encoding.UTF8.GetBytes(context.Key ?? "");
        var attributes = new AttributeColumns();
        attributes.Add(arena.Append(key), value);
        Carrier carrier = context.Carrier;
        byte[] result = [];
        With(context.Signal, rules, findings, attributes, (pass, attributes) =>
        {
            pass.BeginService(service);
            if (key.Length == 0 && value.HasText)
            {
                var body = pass.Redact(arena, value, carrier);
                result = body.HasText ? arena[body.Text].ToArray() : [];
                return;
            }
            pass.Redact(arena, attributes, 0..1, carrier);
            var stored = attributes.Value[0];
            if (attributes.Key[0].Offset >= 0 && stored.HasText) result = arena[stored.Text].ToArray();
        });
        return result;
    }

    /// <summary>Lists what the rules find in a text, with places.</summary>
    public static IReadOnlyList<FoundText> Find(string text, in TextContext context, RuleSet rules)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        var finder = new Finder();
        byte[] key = Encoding.UTF8.GetBytes(string.IsNullOrEmpty(context.Key) ? context.Carrier.Name() : context.Key);
        var plan = rules.PlanFor(context.Signal, context.Carrier, key, Encoding.UTF8.GetBytes(context.Service ?? ""));
        var found = new List<FoundText>();
        if (!finder.Find(utf8, plan)) return found;
        foreach (var match in finder.Matches)
        {
            var verdict = plan.Of(match);
            found.Add(new FoundText(match.Detector, verdict.Rule, verdict.Action, match.Start, match.Length, Shape.Of(utf8.AsSpan(match.Start, match.Length))));
        }
        return found;
    }

    /// <summary>Hands over what was found in the texts of other rooms since the last call.</summary>
    public void TakeElsewhere(Action<Finding, long, IReadOnlyList<string>> each)
    {
        lock (_lock)
        {
            _elsewhere.ForEach(each);
            _elsewhere.Clear();
        }
    }

    private TResult Elsewhere<T, TResult>(T what, in TextContext context, Func<Redactor, FindingCounts, T, TextContext, TResult> redact)
    {
        var findings = new FindingCounts();
        var result = redact(this, findings, what, context);
        if (findings.Total == 0) return result;
        lock (_lock) findings.ForEach((finding, count, shapes) => _elsewhere.Add(finding, count, shapes));
        return result;
    }

    private void With<T>(RedactedSignal signal, RuleSet rules, FindingCounts findings, T what, Action<RedactionPass, T> work)
    {
        if (!_passes.TryTake(out RedactionPass? pass)) pass = new RedactionPass(hashKey);
        pass.Begin(rules, signal, findings);
        // Not given back when it failed: it may be half-way.
        work(pass, what);
        if (_passes.Count < Environment.ProcessorCount * 2) _passes.Add(pass);
    }
}
