using System.Globalization;
using System.Text;

namespace Waybill.Redaction;

/// <summary>
/// Recall: of the sensitive values of a kind, how many are covered whole by what was found, whoever found it. Precision: of what a detector found, how much is
/// sensitive.
/// </summary>
public sealed class RedactionScore
{
    private readonly SortedDictionary<string, Tally> _byKind = new(StringComparer.Ordinal);

    public sealed class Tally
    {
        public int Sensitive, Covered, Found, Right;
        public string? Missed, Wrong;
        public double Recall => Sensitive == 0 ? 1 : (double)Covered / Sensitive;
        public double Precision => Found == 0 ? 1 : (double)Right / Found;
    }

    public int Texts { get; private set; }
    public IReadOnlyDictionary<string, Tally> ByKind => _byKind;

    public static RedactionScore Of(IReadOnlyList<LabelledText> corpus, RuleSet rules)
    {
        var score = new RedactionScore { Texts = corpus.Count };
        foreach (var text in corpus) score.Add(text, rules);
        return score;
    }

    private void Add(LabelledText text, RuleSet rules)
    {
        var found = Redactor.Find(text.Text, new TextContext(RedactedSignal.Traces, "", text.Key, Carrier.SpanAttribute), rules);
        foreach (var one in found)
        {
            var tally = Of(one.Detector.Info().Name);
            tally.Found++;
            if (text.IsSensitive && one.Start < text.Start + text.Length && text.Start < one.Start + one.Length) tally.Right++;
            else tally.Wrong ??= $"{text.Key}: {text.Text}";
        }
        if (!text.IsSensitive) return;
        var expected = Of(text.Kind);
        expected.Sensitive++;
        if (found.Any(one => one.Start <= text.Start && one.Start + one.Length >= text.Start + text.Length)) expected.Covered++;
        else expected.Missed ??= $"{text.Key}: {text.Text}";
    }

    private Tally Of(string kind)
    {
        if (!_byKind.TryGetValue(kind, out Tally? tally)) _byKind.Add(kind, tally = new Tally());
        return tally;
    }

    public string Report(bool examples)
    {
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"{Texts} texts");
        report.AppendLine(CultureInfo.InvariantCulture, $"{"kind",-20} {"sensitive",9} {"recall",8} {"found",7} {"precision",9}");
        foreach (var (kind, tally) in _byKind)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"{kind,-20} {tally.Sensitive,9} {tally.Recall,8:P2} {tally.Found,7} {tally.Precision,9:P2}");
            if (examples && tally.Missed is { } missed) report.AppendLine(CultureInfo.InvariantCulture, $"    missed  {missed}");
            if (examples && tally.Wrong is { } wrong) report.AppendLine(CultureInfo.InvariantCulture, $"    wrong   {wrong}");
        }
        return report.ToString();
    }
}
