using Waybill.Flags;

namespace Waybill.Changes.Inference;

public sealed class FlagInferenceTests
{
    private const long Minute = 60_000_000_000;

    // A share a minute: how often each value was seen.
    private static List<FlagShare> Minutes(params (int Off, int On)[] minutes) =>
    [
        .. minutes.SelectMany((counts, minute) => new[] { ("off", counts.Off), ("on", counts.On) }.Where(value => value.Item2 > 0)
            .Select(value => new FlagShare("prod", "pricing", value.Item1, minute * Minute, value.Item2, value.Item2, minute * Minute + 7_000_000_000, ["gateway"]))),
    ];

    private static List<ChangeReport> Infer(List<FlagShare> shares) => FlagInference.Infer(shares, 1_000 * Minute);

    [Fact]
    public void A_flag_that_is_switched_is_a_change_at_that_minute()
    {
        ChangeReport change = Assert.Single(Infer(Minutes([.. Enumerable.Repeat((20, 0), 10), .. Enumerable.Repeat((0, 20), 10)])));
        Assert.Equal((10 * Minute + 7_000_000_000, ChangeKind.FeatureFlag, "pricing", "gateway"), (change.StartedUnixNano, change.Kind, change.Subject, change.Service));
        Assert.Equal("Flag pricing switched: off 100 % before, on 100 % after", change.Summary);
    }

    [Fact]
    public void A_rollout_that_jumps_is_a_change_at_that_minute() =>
        Assert.Equal(10 * Minute, Assert.Single(Infer(Minutes([.. Enumerable.Repeat((90, 10), 10), .. Enumerable.Repeat((40, 60), 10)]))).StartedUnixNano);

    [Fact]
    public void A_split_that_stays_is_none() => Assert.Empty(Infer(Minutes([.. Enumerable.Range(0, 60).Select(i => (80 + i % 7, 20 - i % 5))])));

    [Fact]
    public void Chance_among_few_evaluations_is_none() => Assert.Empty(Infer(Minutes([.. Enumerable.Range(0, 30).Select(i => i % 3 == 0 ? (1, 2) : (2, 1))])));

    [Fact]
    public void The_first_sight_of_a_flag_is_none() => Assert.Empty(Infer(Minutes((50, 50), (50, 50), (50, 50))));

    [Fact]
    public void A_rare_value_that_was_there_all_along_is_none_when_it_comes_up_for_the_first_time() => Assert.Empty(Infer(Minutes([.. Enumerable.Repeat((50, 0), 6), (49, 1), .. Enumerable.Repeat((50, 0), 6)])));

    [Fact]
    public void Minutes_that_may_still_grow_are_left_out() =>
        Assert.Empty(FlagInference.Infer(Minutes([.. Enumerable.Repeat((20, 0), 10), (0, 20)]), 10 * Minute + 30_000_000_000));
}
