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
    public void What_was_reported_with_it_still_counts() => Assert.Single(Rank(Change("now", "orders", Began + Minute)));

    private static IReadOnlyList<SuspectChange> Rank(params Change[] changes) => SuspectChanges.Rank(changes, "orders", new HashSet<string> { "payments" }, Began, "1.4.1");

    private static Change Change(string id, string service, long started, string? version = null) =>
        new() { Id = id, Kind = "deployment", Source = "api", Service = service, StartedNano = started, Version = version, Outcome = "success", ReportCount = 1, ReceivedUnixNano = "0" };
}
