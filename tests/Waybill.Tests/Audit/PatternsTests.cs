namespace Waybill.Audit;

public sealed class PatternsTests
{
    private const long Second = 1_000_000_000, Hour = 3_600;

    private static readonly SuspicionRule Guessing = SuspicionRule.Default[0], First = SuspicionRule.Default[1], Volumes = SuspicionRule.Default[2];

    private static SeenAct[] Acts(params (long At, string Actor, string Address, string Outcome)[] acts) => [.. acts.Select((act, i) => new SeenAct(i, act.At * Second, act.Actor, act.Address, act.Outcome))];

    [Fact]
    public void Many_failures_and_then_a_success_are_suspicious_and_fewer_or_slower_ones_are_not()
    {
        (long, string, string, string)[] failures = [.. Enumerable.Range(0, 5).Select(i => ((long)i, "ada", "10.0.0.9", "failed"))];
        Suspicion found = Assert.Single(Patterns.FailuresThenSuccess(Guessing, Acts([.. failures, (60, "ada", "10.0.0.9", "done")])));
        Assert.Equal("ada got in after 5 failures from 10.0.0.9 within 60 s.", found.Sentence);
        Assert.Equal([0, 1, 2, 3, 4, 5], found.Numbers);
        Assert.Empty(Patterns.FailuresThenSuccess(Guessing, Acts([.. failures[1..], (60, "ada", "10.0.0.9", "done")])));
        Assert.Empty(Patterns.FailuresThenSuccess(Guessing, Acts([.. failures, (Guessing.WithinSeconds + 2, "ada", "10.0.0.9", "done")])));
        Assert.Empty(Patterns.FailuresThenSuccess(Guessing, Acts([.. failures, (60, "bob", "10.0.0.1", "done")])));
    }

    [Fact]
    public void One_address_that_tries_many_names_is_found_by_its_address()
    {
        (long, string, string, string)[] failures = [.. Enumerable.Range(0, 6).Select(i => ((long)i, $"user{i}", "10.0.0.9", "refused"))];
        Suspicion found = Assert.Single(Patterns.FailuresThenSuccess(Guessing, Acts([.. failures, (7, "ada", "10.0.0.9", "done")])));
        Assert.Equal("ada got in after 6 failures under 7 names from 10.0.0.9 within 7 s.", found.Sentence);
    }

    [Fact]
    public void First_access_speaks_of_known_actors_and_of_data_that_others_use()
    {
        long now = 100 * Hour * Second;
        DataSetAccess[] accesses =
        [
            new("bob", "datastore customers", 40, Second, 1, ""), new("ada", "datastore orders", 12, Second, 2, ""),
            new("ada", "datastore customers", 3, now, 3, "10.0.0.1"), new("eve", "datastore customers", 3, now, 4, ""), new("ada", "datastore notes", 1, now, 5, ""),
        ];
        Suspicion found = Assert.Single(Patterns.FirstAccess(First, accesses, now));
        Assert.Equal("ada opened datastore customers for the first time in 30 days; it was opened 40 times by others.", found.Sentence);
    }

    [Fact]
    public void Unusual_volume_is_measured_against_the_actors_own_past()
    {
        Volume[] hours = [new("ada", 0, 90, 1, ""), new("ada", Hour, 100, 2, ""), new("ada", 2 * Hour, 499, 3, ""), new("ada", 3 * Hour, 2_495, 4, ""), new("new", 3 * Hour, 1_999, 5, ""), new("bulk", 3 * Hour, 2_000, 6, "")];
        Assert.Equal(["ada did 2495 such acts within 60 min; the most before were 499.", "bulk did 2000 such acts within 60 min, and none before."],
            Patterns.UnusualVolume(Volumes, hours, Hour * Second).Select(found => found.Sentence));
    }

    [Fact]
    public void A_rules_file_is_read_whole_or_not_at_all_and_every_error_is_named()
    {
        var (rules, errors) = SuspicionRules.Parse("rules:\n  - name: brute\n    kind: failures-then-success\n    actions: [user.sign-in, \"auth_*\"]\n    least: 3\n    within: 5m\n  - kind: first-access\n    lookBack: 90d\n");
        Assert.Empty(errors);
        Assert.Equal(("brute", "high", 3, 300), (rules![0].Name, rules[0].Severity, rules[0].Least, rules[0].WithinSeconds));
        Assert.Equal(["user.sign-in", "auth\\_%"], rules[0].Likes);
        Assert.Equal(90 * 24 * 3_600, rules[1].LookBackSeconds);

        (rules, errors) = SuspicionRules.Parse("rules:\n  - kind: first-acess\n  - kind: unusual-volume\n    within: soon\n    leest: 3\n    severity: grave\n");
        Assert.Null(rules);
        Assert.Equal(["line 2, rules[0].kind: Expected one of failures-then-success, first-access, unusual-volume.", "line 5, rules[1].leest: There are name, kind, severity, actions, least, within, lookBack, factor.",
            "line 3, rules[1].severity: Expected low, medium or high.", "line 3, rules[1].within: Expected a duration from 1s to 400d, such as 15m or 30d."], errors.Select(error => error.ToString()));
        Assert.Equal("line 1, rules: Expected a list, rules:, and nothing beside it.", Assert.Single(SuspicionRules.Parse("- a").Errors).ToString());
        Assert.Single(SuspicionRules.Parse("rules: [").Errors);
    }
}
