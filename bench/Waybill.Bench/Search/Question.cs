using System.Globalization;
using System.Text.Json;
using Waybill.Payloads;

namespace Waybill.Search;

/// <summary>One thing that is asked over and over with other values.</summary>
/// <param name="AimMilliseconds">What its p50 should stay below, warm, at 10 million spans over a day on two cores.</param>
/// <param name="Path">The request for one ask, given a chance and the end of the data in Unix seconds.</param>
internal sealed record Question(string Name, double AimMilliseconds, Func<Chance, long, string> Path)
{
    private const int Users = 100_000, Orders = 900_000;

    private static readonly string[] Services = ["gateway", "accounts", "catalog", "cart", "orders", "checkout"];

    public static readonly Question[] All =
    [
        new("service and attribute, 1 h", 50, (chance, end) => Search($"{{ resource.service.name = \"{chance.Pick(Services)}\" && span.user.id = \"{chance.Below(Users)}\" }}", end, 1)),
        new("rare attribute value, 24 h", 150, (chance, end) => Search($"{{ span.order.id = \"{chance.Below(Orders)}\" }}", end, 24)),
        new("the same, unscoped", 150, (chance, end) => Search($"{{ .order.id = \"{chance.Below(Orders)}\" }}", end, 24)),
        new("error and duration, 24 h", 150, (chance, end) => Search($"{{ status = error && duration > {500 + chance.Below(500)}ms }}", end, 24)),
        new("{A} >> {B}, 1 h", 300, (chance, end) => Search($"{{ resource.service.name = \"{chance.Pick(Services)}\" }} >> {{ span.db.system.name = \"{chance.Pick(["postgresql", "redis", "mysql"])}\" && duration > {chance.Below(20)}ms }}", end, 1)),
        new("quantile by service, 6 h by the minute", 500, (chance, end) => Metrics("{} | quantile_over_time(duration, .5, .99) by (resource.service.name)", end, 6, "1m")),
        new("rate of errors by service, 1 h", 150, (chance, end) => Metrics("{ status = error } | rate() by (resource.service.name)", end, 1, "15s")),
        new("values of http.route, 24 h", 30, (chance, end) => Values("http.route", "/", end)),
        new("values of user.id (77,000) from a prefix, 24 h", 30, (chance, end) => Values("user.id", chance.Below(100).ToString(CultureInfo.InvariantCulture), end)),
        new("log text, words of one line in 40, 1 h", 200, (_, end) => Logs("declined insufficient", end, 1)),
        new("log text, a number, 1 h", 200, (chance, end) => Logs((100_000 + chance.Below(Orders)).ToString(CultureInfo.InvariantCulture), end, 1)),
        new("log text, words of no line, 24 h", 200, (chance, end) => Logs($"nothing{chance.Below(1000)} here", end, 24)),
        new("attributes, 24 h", 50, (_, end) => string.Create(CultureInfo.InvariantCulture, $"/api/attributes?since={end - 86_400}&until={end}")),
    ];

    /// <summary>What takes long: none of it is answered from an index.</summary>
    public static readonly Func<Chance, long, string>[] Heavy =
    [
        (chance, end) => Search($"{{ span.user.id =~ \".*{chance.Below(Users)}x\" }}", end, 24),
        (chance, end) => Metrics("{} | quantile_over_time(duration, .5, .9, .99) by (resource.service.name, name)", end, 24, "5m"),
        (chance, end) => Search($"{{ status = error }} >> {{ duration > {10 + chance.Below(10)}s }}", end, 24),
    ];

    private static string Search(string query, long end, int hours) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/search?q={Uri.EscapeDataString(query)}&since={end - hours * 3600}&until={end}&limit=20");

    private static string Logs(string text, long end, int hours) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/logs?text={Uri.EscapeDataString(text)}&since={end - hours * 3600}&until={end}&limit=100");

    private static string Metrics(string query, long end, int hours, string step) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/query_range?q={Uri.EscapeDataString(query)}&since={end - hours * 3600}&until={end}&step={step}");

    private static string Values(string key, string prefix, long end) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/attributes/span/{key}/values?prefix={Uri.EscapeDataString(prefix)}&since={end - 86_400}&until={end}&limit=20");
}
