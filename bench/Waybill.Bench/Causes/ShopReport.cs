using System.Globalization;

namespace Waybill.Causes;

/// <summary>What came of one fault of one Shop.</summary>
/// <param name="Rank">Place of the truth among the suspects, from 0; -1 when it is not there. Of a healthy window 0, when nobody is accused.</param>
/// <param name="Blamed">Kind of the first suspect's change; empty for none.</param>
/// <param name="Told">Kind of the change that the story of a bad trace tells first; null when there was no bad trace to ask about.</param>
internal sealed record ShopTrial(int Seed, ShopFault Fault, string First, int Rank, string Blamed, string? Told, string Answer);

/// <summary>Prints each trial as it ends, and a table by fault over all seeds.</summary>
internal sealed class ShopReport(TextWriter to)
{
    private readonly List<ShopTrial> _trials = [];

    public bool AllRight => _trials.TrueForAll(trial => trial.Rank == 0 && trial.Blamed == trial.Fault.Change && (trial.Told ?? trial.Fault.Change) == trial.Fault.Change);

    public void Add(ShopTrial trial)
    {
        lock (_trials)
        {
            _trials.Add(trial);
            to.WriteLine($"seed {trial.Seed}, {(trial.Fault == ShopFault.None ? "no fault" : trial.Fault.Name)}: truth {(trial.Rank < 0 ? "not listed" : $"number {trial.Rank + 1}")}, change {Of(trial.Blamed, trial)}; why tells {(trial.Told is null ? "nothing: no bad trace" : Of(trial.Told, trial))}");
            to.WriteLine($"    causes  {trial.First}");
            if (trial.Answer.Length > 0) to.WriteLine($"    why     {trial.Answer}");
            to.Flush();
        }

        static string Of(string kind, ShopTrial trial) => $"{(kind.Length == 0 ? "none" : kind)}{(kind == trial.Fault.Change ? "" : $" (WRONG: {(trial.Fault.Change.Length == 0 ? "none" : trial.Fault.Change)})")}";
    }

    public string Table()
    {
        lock (_trials)
        {
            var text = new StringWriter(CultureInfo.InvariantCulture);
            text.WriteLine($"\n| Fault, seeds {string.Join(", ", _trials.Select(trial => trial.Seed).Distinct().Order())} | Top 1 | Top 3 | Its change | `why` tells its change |\n|---|---|---|---|---|");
            foreach (var fault in _trials.GroupBy(trial => trial.Fault).OrderBy(fault => Array.IndexOf(ShopFault.All, fault.Key)))
            {
                int asked = fault.Count(trial => trial.Told is not null);
                string blamed = Share(fault.Count(trial => trial.Blamed == fault.Key.Change), fault.Count()), told = Share(fault.Count(trial => trial.Told == fault.Key.Change), asked);
                text.WriteLine(fault.Key == ShopFault.None
                    ? $"| none | nobody accused: {Share(fault.Count(trial => trial.Rank == 0), fault.Count())} | | | |"
                    : $"| {fault.Key.Name} | {Share(fault.Count(trial => trial.Rank == 0), fault.Count())} | {Share(fault.Count(trial => trial.Rank is >= 0 and < 3), fault.Count())} | {Kind(fault.Key)}: {blamed} | {told} |");
            }
            return text.ToString();
        }

        static string Share(int right, int of) => $"{right} of {of}";
        static string Kind(ShopFault fault) => fault.Change.Length == 0 ? "nobody announces one, none named" : fault.Change.Replace('_', ' ');
    }
}
