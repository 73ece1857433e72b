namespace Waybill.Changes.Inference;

public sealed class KubernetesInferenceTests
{
    private static readonly ClusterPlace[] Places =
    [
        new("orders", "production", "orders-7d4b9c6f5-aaaaa", "orders-1", "orders"), new("orders-api", "production", "", "", ""), new("mailer", "production", "", "", "mail-worker"),
    ];

    [Fact]
    public void A_pod_that_is_killed_is_an_instance_of_its_service()
    {
        ChangeReport change = One("Pod", "orders-7d4b9c6f5-aaaaa", "OOMKilling", "Memory cgroup out of memory");
        Assert.Equal(("infrastructure", "orders", "orders-1", "production", "failure", "inferred"), (change.Kind, change.Service, change.Instance, change.Environment, change.Outcome, change.Source));
        Assert.Equal("Pod orders-7d4b9c6f5-aaaaa: OOMKilling, Memory cgroup out of memory", change.Summary);
    }

    [Theory]
    [InlineData("Pod", "mail-worker-5f-abcde", "mailer")]
    [InlineData("Pod", "orders-api-5f-abcde", "orders-api")]
    [InlineData("Deployment", "orders", "orders")]
    [InlineData("Pod", "stranger-5f-abcde", "")]
    [InlineData("Node", "orders", "")]
    public void A_workload_is_of_the_service_that_says_so_or_whose_name_it_begins_with(string kind, string name, string service) => Assert.Equal(service, One(kind, name, "BackOff").Service);

    [Fact]
    public void An_event_that_repeats_is_one_change_from_its_first_on()
    {
        var first = new KubernetesEvent("u-1", "Node", "node-1", "", "NodeNotReady", "", 1_000, 1_000);
        ChangeReport a = KubernetesInference.Infer([first], Places)[0], b = KubernetesInference.Infer([first with { LastUnixNano = 9_000 }], Places)[0];
        Assert.Equal((a.Id, a.Evidence, 1_000L), (b.Id, b.Evidence, b.StartedUnixNano));
        Assert.Equal("node/node-1", a.Subject);
    }

    [Fact]
    public void What_every_start_of_a_pod_says_is_no_news() => Assert.Empty(KubernetesInference.Infer([new("u", "Pod", "orders-1", "", "Pulled", "", 1, 1)], Places));

    private static ChangeReport One(string kind, string name, string reason, string note = "") => Assert.Single(KubernetesInference.Infer([new($"{kind}/{name}/{reason}", kind, name, "shop", reason, note, 1, 1)], Places));
}
