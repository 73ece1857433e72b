using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Waybill.Blocks;
using Waybill.Engine;
using Waybill.Query.Syntax;
using Waybill.Spans;
using Waybill.Traces;
using Waybill.Web;

namespace Waybill.Search;

/// <summary>A value of an attribute.</summary>
/// <param name="Type">string, int, float, bool or keyword.</param>
/// <param name="Spans">Spans that have it, weighted; null where only that it occurs was asked of the catalog.</param>
public sealed record SeenValue(object Value, string Type, double? Spans);

public sealed record ValueListing([AllowedValues("complete", "partial")] string Status, IReadOnlyList<PartialReason> Reasons, IReadOnlyList<SeenValue> Values);

/// <summary>What to complete.</summary>
/// <param name="Prefix">How the value begins, as text.</param>
/// <param name="Filter">Only values of spans that it finds; null for all.</param>
public sealed record ValueRequest(string Tenant, FieldReference Field, TimeRange Range, string Prefix, Pipeline? Filter, int Limit);

/// <summary>
/// Lists the values of one field. The catalog keeps up to 200 an hour: of most attributes these are all. Of one with more, and wherever a filter is given,
/// spans are read from the newest back, for a short time.
/// </summary>
public sealed class AttributeValues(EngineClient engine, SearchGate gate, SearchOptions options, TimeProvider clock)
{
    /// <summary>Someone is typing: what is found by then has to do.</summary>
    private const double ScanSecondsMax = 1.5;
    private const long FirstSliceNano = 600_000_000_000;
    private const int SampleMax = 10_000, SampleOfAnHour = 200;

        private readonly KeyTable _keys = new(engine);

    public async Task<ValueListing> List(ValueRequest request, CancellationToken cancel)
    {
        if (request.Filter is null)
        {
            if (request.Field is IntrinsicReference { Intrinsic: var intrinsic } && IntrinsicValues.Of(intrinsic) is { } keywords)
                return Answer([.. keywords.Where(keyword => ((string)keyword.Value).StartsWith(request.Prefix, StringComparison.Ordinal))], request.Limit, []);
            if (request.Field is AttributeReference { Name: var name }) ReadScope.Mask?.Refuse(name);
            if (await Catalogued(request, cancel) is { } known) return known;
        }
        return await Scan(request, cancel);
    }

    /// <returns>Null when the catalog does not have them all.</returns>
    private async Task<ValueListing?> Catalogued(ValueRequest request, CancellationToken cancel)
    {
        (string? sql, string name) = request.Field switch
        {
            AttributeReference { Scope: AttributeScope.Resource } of => ($"""
                SELECT typed, groupUniqArray({SampleMax})(value) AS sample, toUInt64(1) AS fullest FROM resources ARRAY JOIN mapKeys(attributes) AS typed, mapValues(attributes) AS value
                WHERE {AttributeCatalog.ResourcesInRange} AND typed IN {"{keys:Array(String)}"} GROUP BY typed
                """, of.Name),
            AttributeReference { Scope: AttributeScope.Span } of => (OfCatalog("'span', 'column'"), of.Name),
            IntrinsicReference { Intrinsic: Intrinsic.Name or Intrinsic.RootName } => (OfCatalog("'intrinsic'"), "name"),
            IntrinsicReference { Intrinsic: Intrinsic.RootServiceName } => (OfCatalog("'intrinsic'"), "service"),
            _ => (null, ""),
        };
        if (sql is null) return null;
        await using EngineResponse response = await engine.Query(sql,
            [
                EngineParameter.String("tenant", request.Tenant), EngineParameter.UnixNanoseconds("since", request.Range.SinceUnixNano), EngineParameter.UnixNanoseconds("until", request.Range.UntilUnixNano),
                EngineParameter.Strings("keys", "sidb".Select(type => $"{type}:{name}")),
            ], EngineBounds.LookUp, cancel);
        using var reader = new BlockReader(response.Body);
        var values = new List<SeenValue>();
        bool isAll = true;
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                BlockColumn sample = block["sample"];
                Range range = sample.GetRange(row);
                char type = block["typed"].GetString(row)[0];
                isAll &= block["fullest"].GetInt64(row) < SampleOfAnHour && range.End.Value - range.Start.Value < SampleMax;
                for (int i = range.Start.Value; i < range.End.Value; i++) Add(values, type, sample.Values!.GetString(i), request.Prefix, null);
            }
        // Without a beginning to look for, any of many are as good as others.
        bool enough = isAll || values.Count >= request.Limit || (request.Prefix.Length == 0 && values.Count > 0);
        if (!enough) return null;
        return Answer(values, request.Limit, isAll ? [] : [new("sampled", "The attribute has more values than the catalog keeps; these are some. Send a prefix to look for others.")]);
    }

    private static string OfCatalog(string scopes) => $"""
        SELECT key AS typed, groupUniqArrayArray({SampleMax})(of_hour) AS sample, max(length(of_hour)) AS fullest FROM (
          SELECT key, hour, groupUniqArrayArray({SampleOfAnHour})(attribute_keys.sample) AS of_hour FROM attribute_keys
          WHERE {AttributeCatalog.HoursInRange} AND scope IN ({scopes}) AND key IN {"{keys:Array(String)}"} GROUP BY key, hour)
        GROUP BY typed
        """;

    private async Task<ValueListing> Scan(ValueRequest request, CancellationToken cancel)
    {
        using SearchTurn turn = await gate.Enter(cancel);
        long began = clock.GetTimestamp();
        var fields = QueryFields.Of(request.Filter is null ? [request.Field] : [request.Field, request.Filter]);
        KnownKeys known = await _keys.Find(request.Tenant, request.Range, fields.AttributeNames, cancel);
        if (ValueSql.Of(request.Field, request.Filter, known) is not { } sql)
            return Answer([], request.Limit, [new("unsupported", "The values of this field cannot be listed, or not with this filter.")]);

        var counts = new Dictionary<string, double>();
        var slices = new TimeSlices(request.Range, FirstSliceNano);
        var reasons = new List<PartialReason>();
        while (slices.Current is { } slice && counts.Count < request.Limit)
        {
            try
            {
                using SearchStatement statement = await turn.Statement(cancel);
                await Count(sql, request, slice, counts, EngineBounds.Of(options, statement, ScanSecondsMax - clock.GetElapsedTime(began).TotalSeconds), cancel);
                slices.Next();
            }
            catch (EngineException e) when (EngineBounds.IsTime(e) || EngineBounds.IsMemory(e))
            {
                break;
            }
        }
        if (slices.Current is { } left) reasons.Add(new("timeout", $"Spans before {left.UntilUnixNano.ToString(CultureInfo.InvariantCulture)} were not looked at: there was enough, or it took too long."));
        var values = new List<SeenValue>();
        foreach (var (typed, spans) in counts.OrderByDescending(pair => pair.Value)) Add(values, typed[0], typed[2..], request.Prefix, spans);
        return Answer(values, request.Limit, reasons);
    }

    private async Task Count(ValueSql sql, ValueRequest request, TimeRange slice, Dictionary<string, double> counts, EngineSettings settings, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> parameters = [.. sql.Parameters, .. SelectionParameters.Of(request.Tenant, slice), EngineParameter.Strings("excluded", []),
            EngineParameter.String("prefix", request.Prefix), EngineParameter.Int("limit", Math.Max(request.Limit, 1_000))];
        await using EngineResponse response = await engine.Query(sql.Statement, parameters, settings, cancel);
        using var reader = new BlockReader(response.Body);
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
            {
                string typed = block["typed"].GetString(row);
                if (typed.Length >= 2) counts[typed] = counts.GetValueOrDefault(typed) + block["spans"].GetDouble(row);
            }
    }

    private static void Add(List<SeenValue> to, char type, string text, string prefix, double? spans)
    {
        if (!text.StartsWith(prefix, StringComparison.Ordinal)) return;
        switch (type)
        {
            case 's': to.Add(new(text, "string", spans)); break;
            case 'i' when long.TryParse(text, CultureInfo.InvariantCulture, out long whole): to.Add(new(whole, "int", spans)); break;
            case 'd' when double.TryParse(text, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real): to.Add(new(real, "float", spans)); break;
            case 'b': to.Add(new(text == "true", "bool", spans)); break;
            case 'k': to.Add(new(text, "keyword", spans)); break;
        }
    }

    private static ValueListing Answer(List<SeenValue> values, int limit, List<PartialReason> reasons)
    {
        var shown = values.DistinctBy(value => (value.Type, value.Value)).OrderByDescending(value => value.Spans ?? 0).ThenBy(value => Convert.ToString(value.Value, CultureInfo.InvariantCulture), StringComparer.Ordinal).Take(limit + 1).ToList();
        if (shown.Count > limit) reasons.Add(new("over_limit", $"There are more values; {limit} are here. Raise limit, or send a longer prefix."));
        return new ValueListing(reasons.Count == 0 ? "complete" : "partial", reasons, [.. shown.Take(limit)]);
    }
}
