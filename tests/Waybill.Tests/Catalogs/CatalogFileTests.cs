namespace Waybill.Catalogs;

public sealed class CatalogFileTests
{
    private const string Shop = """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: orders
          title: Orders
          annotations:
            waybill.dev/criticality: critical
            github.com/project-slug: acme/shop
          links:
            - url: https://wiki.example/orders
              title: Orders is down
              type: runbook
            - url: https://dash.example
        spec:
          type: service
          lifecycle: production
          owner: checkout
          system: shop
          dependsOn: [component:payments, resource:default/orders-db]
        ---
        apiVersion: backstage.io/v1alpha1
        kind: System
        metadata: { name: shop }
        spec: { owner: checkout, domain: retail }
        ---
        apiVersion: backstage.io/v1alpha1
        kind: Group
        metadata: { name: checkout, annotations: { waybill.dev/on-call: "#checkout" } }
        spec: { type: team, children: [], profile: { displayName: Checkout, email: checkout@shop.example } }
        ---
        apiVersion: other.example/v1
        kind: Whatever
        """;

    private static CatalogSnapshot Snapshot(string text) => CatalogSnapshot.Of(CatalogFile.Parse("catalog-info.yaml", text).Entities, [], []);

    [Fact]
    public void A_component_is_a_service_with_owner_system_runbooks_and_whom_to_call()
    {
        CatalogFile file = CatalogFile.Parse("catalog-info.yaml", Shop);
        Assert.Empty(file.Problems);
        CatalogEntry orders = Snapshot(Shop).Services["ORDERS"];   // references are compared without case
        Assert.Equal(("group:default/checkout", "Checkout", "shop", "retail", "production", "critical"), (orders.Owner, orders.OwnerName, orders.System, orders.Domain, orders.Lifecycle, orders.Criticality));
        Assert.Equal(("#checkout", "checkout@shop.example", "acme/shop"), (orders.OnCall, orders.Email, orders.Repository));
        Assert.Equal("https://wiki.example/orders", Assert.Single(orders.Runbooks!).Url);
        Assert.Equal("https://dash.example", Assert.Single(orders.Links!).Url);
        Assert.Equal(["component:default/payments", "resource:default/orders-db"], orders.DependsOn!);
    }

    [Fact]
    public void An_annotation_names_the_service_when_the_component_is_called_otherwise() =>
        Assert.Equal("component:default/orders", Snapshot(Shop.Replace("waybill.dev/criticality: critical", "waybill.dev/service-name: shop-orders", StringComparison.Ordinal)).Services["shop-orders"].Component);

    [Fact]
    public void All_errors_are_reported_each_with_line_and_field()
    {
        CatalogFile file = CatalogFile.Parse("c.yaml", """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: { name: "not a name" }
            spec: { type: service, lifecycle: production }
            ---
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: { name: a, links: [ { url: "javascript:x" } ] }
            spec: { type: service, lifecycle: production, owner: "a b", dependsOn: [payments] }
            ---
            kind: Component
            """);
        Assert.Equal(
        [
            "3 metadata.name may have 1 to 63 letters and digits, parted by '-', '_' or '.'.", "1 spec.owner is missing.",
            "9 spec.owner is no reference to an entity: write group:name or group:namespace/name.", "9 spec.dependsOn names an entity with its kind: component:name or resource:name.",
            "8 metadata.links.url is not an http, https or mailto URL.", "11 apiVersion is missing.", "11 metadata is missing.",
        ], file.Problems.Select(problem => $"{problem.Line} {problem.Field} {problem.Message}"));
        Assert.Empty(file.Entities);
    }

    [Fact]
    public void What_is_no_YAML_is_one_error_with_its_line()
    {
        CatalogProblem problem = Assert.Single(CatalogFile.Parse("c.yaml", "a: b\nc: [1").Problems);
        Assert.True(problem.Line >= 2 && problem.Message.StartsWith("is not YAML:", StringComparison.Ordinal), problem.ToString());
    }

    [Fact]
    public void The_same_entity_twice_is_an_error() => Assert.Contains("described twice", Assert.Single(CatalogFile.Parse("c.yaml", Shop + "\n---\n" + Shop[..Shop.IndexOf("---", StringComparison.Ordinal)]).Problems).Message);

    [Theory]
    [InlineData("")]
    [InlineData("---\n---\n")]
    [InlineData("7")]
    [InlineData("- a\n- b")]
    [InlineData("&a [*a, *a]")]
    [InlineData("!!binary x: y")]
    [InlineData("? {a: b} : c")]
    public void Nothing_that_YAML_can_say_throws(string text) => Assert.Empty(CatalogFile.Parse("c.yaml", text).Entities);
}
