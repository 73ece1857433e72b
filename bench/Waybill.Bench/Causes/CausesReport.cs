using System.Globalization;
using System.Text.Json;
using Waybill.Causes.Synthetic;

namespace Waybill.Causes;

/// <summary>How often the truth was named first, among three, among five; and how often a healthy window was accused.</summary>
internal sealed class CausesReport
{
    private readonly record struct Answer(Scenario Scenario, bool All, int Rank, bool Listed, bool? InstanceRight, double Milliseconds);

    private readonly List<Answer> _answers = [];

    /// <returns>What was wrong with it; null when nothing was.</returns>
    public string? Add(Scenario scenario, bool all, JsonElement answer, TimeSpan took)
    {
        var suspects = answer.GetProperty("suspects").EnumerateArray().ToList();
        int rank = suspects.FindIndex(s => scenario.IsCulprit(Text(s, "service")));
        bool? instance = scenario.Fault?.Instance is { } truth && rank >= 0 ? Text(suspects[rank], "instance") == truth.Name : null;
        _answers.Add(new Answer(scenario, all, rank, suspects.Count > 0, instance, took.TotalMilliseconds));
        bool right = scenario.Kind == FaultKind.None ? suspects.Count == 0 : rank == 0;
        return right ? null : string.Join('\n',
        [
            $"{scenario.Kind}, seed {scenario.Seed}, {(all ? "all signals" : "traces only")}: {scenario.Fault?.Service.Name} {scenario.Fault?.Instance?.Name} {scenario.Fault?.Operation?.Name} was {(rank < 0 ? "not listed" : $"number {rank + 1}")} ({string.Join(", ", scenario.TraitNames())})",
            .. suspects.Take(3).Select(s => $"    {s.GetProperty("score").GetDouble():0.00} {Text(s, "sentence")}"),
        ]);
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public void Print(TextWriter to) => to.WriteLine(ToString());

    public override string ToString()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        foreach (bool all in (bool[])[false, true])
        {
            var answers = _answers.Where(a => a.All == all).ToList();
            if (answers.Count == 0) continue;
            text.WriteLine($"\n| {(all ? "Traces, metrics and logs" : "Traces only")} | Cases | Top 1 | Top 3 | Top 5 | Right instance |\n|---|---|---|---|---|---|");
            foreach (var kind in answers.Where(a => a.Scenario.Kind != FaultKind.None).GroupBy(a => $"{a.Scenario.Kind}")) Row(text, kind.Key, [.. kind]);
            Row(text, "**all**", [.. answers.Where(a => a.Scenario.Kind != FaultKind.None)]);
            var healthy = answers.Where(a => a.Scenario.Kind == FaultKind.None).ToList();
            text.WriteLine($"\nHealthy windows accused: {healthy.Count(h => h.Listed)} of {healthy.Count}. An answer took {answers.Select(a => a.Milliseconds).Order().ElementAt(answers.Count / 2):0} ms in the median, {answers.Max(a => a.Milliseconds):0} ms at most.");
            text.WriteLine($"\n| {(all ? "Traces, metrics and logs" : "Traces only")}, by trait | Cases | Top 1 | Top 3 | Top 5 | Right instance |\n|---|---|---|---|---|---|");
            foreach (var trait in answers.Where(a => a.Scenario.Kind != FaultKind.None).SelectMany(a => a.Scenario.TraitNames().Select(name => (name, a))).GroupBy(t => t.name).OrderBy(t => t.Key, StringComparer.Ordinal))
                Row(text, trait.Key, [.. trait.Select(t => t.a)]);
        }
        return text.ToString();
    }

    private static void Row(TextWriter to, string name, List<Answer> answers)
    {
        if (answers.Count == 0) return;
        var instances = answers.Where(a => a.InstanceRight is not null).ToList();
        to.WriteLine($"| {name} | {answers.Count} | {Share(a => a.Rank == 0)} | {Share(a => a.Rank is >= 0 and < 3)} | {Share(a => a.Rank is >= 0 and < 5)} | {(instances.Count == 0 ? "" : $"{(double)instances.Count(a => a.InstanceRight == true) / instances.Count:P0}")} |");

        string Share(Func<Answer, bool> holds) => $"{(double)answers.Count(holds) / answers.Count:P0}";
    }
}
