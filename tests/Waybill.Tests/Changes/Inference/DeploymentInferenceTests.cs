namespace Waybill.Changes.Inference;

public sealed class DeploymentInferenceTests
{
    private const long Hour = 3600, T = 100 * Hour;

    private static Sighting Seen(string version, string instance, long at, string image = "") => new("orders", "shop", "prod", new Release(version, image), instance, "a", $"c-{version}", "", at);

    private static string Show(params Sighting[] sightings) =>
        string.Join("; ", DeploymentInference.Infer(sightings, T).Select(change => $"{change.Kind} {change.PreviousVersion}>{change.Version} at {change.StartedUnixNano / 1_000_000_000 - T}"));

    [Fact]
    public void The_first_sight_of_a_service_is_no_deployment() => Assert.Equal("infrastructure >1.0 at 5", Show(Seen("1.0", "i-1", T + 5), Seen("1.0", "i-2", T + 7)));

    [Fact]
    public void A_new_version_is_a_deployment_and_a_rolling_one_is_one() =>
        Assert.Equal("deployment 1.0>1.1 at 10", Show(Seen("1.0", "i-1", 5), Seen("1.0", "i-2", 6), Seen("1.1", "i-3", T + 10), Seen("1.1", "i-4", T + 130), Seen("1.1", "i-5", T + 250)));

    [Fact]
    public void A_version_that_comes_back_is_a_rollback() =>
        Assert.Equal("deployment 1.0>1.1 at 10; rollback 1.1>1.0 at 900", Show(Seen("1.0", "i-1", 5), Seen("1.1", "i-2", T + 10), Seen("1.0", "i-3", T + 900)));

    [Fact]
    public void A_new_image_of_the_same_version_is_a_deployment() =>
        Assert.Equal("deployment 1.0>1.0 at 10", Show(Seen("1.0", "i-1", 5, "sha256:aa"), Seen("1.0", "i-2", T + 10, "sha256:bb")));

    [Fact]
    public void Two_releases_that_begin_together_are_no_deployment_of_one_after_the_other() =>
        Assert.Equal("infrastructure >1.0 at 1", Show(Seen("1.0", "i-1", T + 1), Seen("1.1", "i-2", T + 20)));

    [Fact]
    public void A_canary_that_scales_is_not_a_deployment_each_time() =>
        Assert.Equal("deployment 1.0>1.1 at 10", Show(Seen("1.0", "i-1", T - 60), Seen("1.1", "i-2", T + 10), Seen("1.0", "i-3", T + 60), Seen("1.1", "i-4", T + 120)));

    [Fact]
    public void A_restart_is_a_wave_of_new_instances() =>
        Assert.Equal("infrastructure >1.0 at 100", Show(Seen("1.0", "i-1", 5), Seen("1.0", "i-2", 6), Seen("1.0", "i-3", T + 100), Seen("1.0", "i-4", T + 160)));

    [Fact]
    public void One_more_instance_of_many_is_nothing() => Assert.Equal("", Show([.. Enumerable.Range(0, 10).Select(i => Seen("1.0", $"i-{i}", 5 + i)), Seen("1.0", "i-new", T + 100)]));

    [Fact]
    public void A_wave_that_grows_stays_the_same_change()
    {
        Sighting[] first = [Seen("1.0", "i-1", 5), Seen("1.1", "i-2", T + 10)];
        ChangeReport before = Assert.Single(DeploymentInference.Infer(first, T)), after = Assert.Single(DeploymentInference.Infer([.. first, Seen("1.1", "i-3", T + 70)], T));
        Assert.Equal(before.Id, after.Id);
        Assert.NotEqual(before.Evidence, after.Evidence);
    }

    [Fact]
    public void Environments_are_apart() =>
        Assert.Equal("infrastructure", Assert.Single(DeploymentInference.Infer([Seen("1.0", "i-1", 5), Seen("1.1", "i-2", T + 5) with { Environment = "staging" }], T)).Kind);
}
