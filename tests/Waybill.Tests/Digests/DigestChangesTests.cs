using Waybill.Changes;

namespace Waybill.Digests;

public sealed class DigestChangesTests
{
    private const long Minute = 60_000_000_000, Start = 100_000 * Minute, End = Start + Minute;

    private static readonly DigestService[] Services = [new("orders", 3, 0, 0, ["1.4.1"], ["production"], ["orders-1"], null), new("payments", 1, 0, 0, [], [], [], null)];

    [Fact]
    public void The_latest_deployment_of_the_version_that_ran_is_the_one_it_ran_under_however_old()
    {
        Change first = Deploy("first", -30_000 * Minute), again = Deploy("again", -20_000 * Minute);
        Assert.Equal([("again", "version")], Of(first, again, Deploy("other", -25_000 * Minute, "1.4.0")));
    }

    [Fact]
    public void What_was_made_in_the_hour_before_and_while_it_ran_is_told_and_nothing_older_or_later() =>
        Assert.Equal([("during", "during"), ("before", "before")], Of(Config("old", -61 * Minute), Config("before", -59 * Minute), Config("during", Minute / 2), Config("later", 2 * Minute)));

    [Fact]
    public void Other_services_environments_and_instances_are_left_out() =>
        Assert.Equal([("prod", "before"), ("mine", "before")], Of(
            Config("prod", -Minute) with { Environment = "prod" }, Config("staging", -Minute) with { Environment = "staging" }, Config("stranger", -Minute) with { Service = "mail" },
            Config("mine", -2 * Minute) with { Instance = "orders-1" }, Config("aside", -2 * Minute) with { Instance = "orders-2" }));

    [Fact]
    public void A_service_that_does_not_say_where_it_runs_may_be_anywhere() =>
        Assert.Equal([("any", "before")], Of(Config("any", -Minute) with { Service = "payments", Environment = "staging" }));

    private static IEnumerable<(string, string)> Of(params Change[] changes) => DigestChanges.Of(changes, Services, Start, End).Select(change => (change.Id, change.Relation));

    private static Change Config(string id, long at) => new() { Id = id, Kind = ChangeKind.Config, Source = "api", Service = "orders", StartedNano = Start + at, Outcome = "success", ReportCount = 1, ReceivedUnixNano = "0" };

    private static Change Deploy(string id, long at, string version = "1.4.1") => Config(id, at) with { Kind = ChangeKind.Deployment, Version = version };
}
