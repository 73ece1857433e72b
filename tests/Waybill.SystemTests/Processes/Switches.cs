using System.Globalization;

// Most of a test's time is waiting for a server's next step, not computing: three at a time keep two cores busy.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace Waybill.Processes;

/// <summary>Environment variables that make a run longer, or repeat one.</summary>
internal static class Switches
{
    public static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A seed, printed so that the run can be repeated: WAYBILL_SEED, or a new one.</summary>
    public static int Seed(ITestOutputHelper output)
    {
        int seed = Number("WAYBILL_SEED", Random.Shared.Next());
        output.WriteLine($"WAYBILL_SEED={seed}");
        return seed;
    }
}

/// <summary>Tests that load a server to its limits, kill it or measure: one at a time, and none beside another.</summary>
[CollectionDefinition(nameof(OneServerAtATime), DisableParallelization = true)]
public sealed class OneServerAtATime;
