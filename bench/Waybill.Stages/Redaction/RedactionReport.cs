using System.Globalization;

namespace Waybill.Redaction;

/// <summary><c>waybill-stages redaction [examples] [SEED]</c>: recall and precision of every kind on the labelled texts. Ends with 1 when one is below the bounds.</summary>
internal static class RedactionReport
{
    private const double RecallMin = 0.99, PrecisionMin = 0.98;

    public static int Print(string[] args)
    {
        int seed = args.Length > 0 && int.TryParse(args[^1], CultureInfo.InvariantCulture, out int other) ? other : LabelledCorpus.Seed;
        var score = RedactionScore.Of(LabelledCorpus.Make(seed: seed), RuleSet.Default);
        Console.Out.Write(score.Report(examples: args.Contains("examples")));
        string[] below = [.. score.ByKind.Where(kind => kind.Value.Recall < RecallMin || kind.Value.Precision < PrecisionMin).Select(kind => kind.Key)];
        Console.Out.WriteLine(below.Length == 0 ? $"every kind has at least {RecallMin:P0} recall and {PrecisionMin:P0} precision" : $"below {RecallMin:P0} recall or {PrecisionMin:P0} precision: {string.Join(", ", below)}");
        return below.Length == 0 ? 0 : 1;
    }
}
