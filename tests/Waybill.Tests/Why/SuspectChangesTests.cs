using Waybill.Changes;

namespace Waybill.Why;

public sealed class SuspectChangesTests
{
    private const long Minute = 60_000_000_000, Began = 1_000 * Minute;

    [Fact]
    public void A_deployment_of_the_service_itself_just_before_is_suspected_before_older_ones_and_those_of_what_it_calls()
    {
        var ranked = Rank(Change("old", "orders", Began - 300 * Minute), Change("dependency", "payments", Began - 3 * Minute), Change("own", "orders", Began - 5 * Minute, "1.4.1"), Change("stranger", "mail", Began - Minute));
        Assert.Equal(["own", "dependency", "old"], ranked.Select(suspect => suspect.Change.Id));
        Assert.Contains("version 1.4.1 is what it brought", ranked[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_began_well_after_did_not_lead_to_it() => Assert.Empty(Rank(Change("later", "orders", Began + 10 * Minute)));

    [Fact]
    public void The_repair_that_follows_at_once_is_not_taken_for_the_cause() =>
        Assert.Equal(["broke", "repaired"], Rank(Change("broke", "orders", Began - Minute), Change("repaired", "orders", Began + Minute / 60)).Select(suspect => suspect.Change.Id));

    [Fact]
    public void What_was_reported_with_it_still_counts() => Assert.Single(Rank(Change("now", "orders", Began + Minute)));

    [Fact]
    public void A_change_of_a_caller_that_asks_far_more_often_since_comes_before_an_older_one_of_the_service_itself()
    {
        var surging = new Dictionary<string, Surge> { ["scheduler"] = new(Began / 1_000_000_000 - 60, 6, 300) };
        var ranked = Rank(surging, Change("own", "orders", Began - 4 * Minute), Change("schedule", "scheduler", Began - Minute / 2), Change("before", "scheduler", Began - 30 * Minute));
        Assert.Equal(["schedule", "own"], ranked.Select(suspect => suspect.Change.Id));
        Assert.Contains("scheduler, which asks orders far more often since", ranked[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_deployed_to_another_environment_is_never_named_as_the_cause()
    {
        var ranked = Rank(Change("staging", "orders", Began - Minute, "1.4.1") with { Environment = "staging" }, Change("prod", "orders", Began - 20 * Minute) with { Environment = "prod" });
        Assert.Equal(["prod", "staging"], ranked.Select(suspect => suspect.Change.Id));
        Assert.True(ranked[1].Score < 0.5 && ranked[1].Reason.Contains("but in staging", StringComparison.Ordinal));
    }

    private static IReadOnlyList<SuspectChange> Rank(params Change[] changes) => Rank(new Dictionary<string, Surge>(), changes);

    private static IReadOnlyList<SuspectChange> Rank(Dictionary<string, Surge> surging, params Change[] changes) =>
        SuspectChanges.Rank(changes, "orders", new HashSet<string> { "payments" }, surging, Began, "1.4.1", ["production"]);

    private static Change Change(string id, string service, long started, string? version = null) =>
        new() { Id = id, Kind = "deployment", Source = "api", Service = service, StartedNano = started, Version = version, Outcome = "success", ReportCount = 1, ReceivedUnixNano = "0" };
}
