using System.Globalization;
using Waybill.Blocks;
using Waybill.Batches;

namespace Waybill.Digests;

/// <summary>Exceptions and feature flags that come as log records (semantic conventions 1.44 prefer them to span events).</summary>
internal static class LogFacts
{
    public static IEnumerable<SeenException> Exceptions(IEnumerable<Block> logs) =>
        Records(logs).Where(record => record.Get("exception.type").Length > 0).Select(record => new SeenException(
            record.Get("exception.type"), SpanFacts.Shorten(record.Get("exception.message")), record.SpanId, record.Service, record.TimeUnixNano, 1));

    public static IEnumerable<SeenFlag> Flags(IEnumerable<Block> logs) =>
        Records(logs).Where(record => record.EventName == "feature_flag.evaluation" && record.Get("feature_flag.key").Length > 0).Select(record => new SeenFlag(
            record.Get("feature_flag.key"), record.Get("feature_flag.result.variant") is { Length: > 0 } variant ? variant : record.Get("feature_flag.result.value"), record.SpanId, record.Service));

    private static IEnumerable<Record> Records(IEnumerable<Block> logs)
    {
        foreach (Block block in logs)
            for (int row = 0; row < block.Rows; row++) yield return new Record(block, row);
    }

    private readonly struct Record(Block block, int row)
    {
        public string Service => block["service"].GetString(row);
        public string EventName => block["event_name"].GetString(row);
        public string SpanId => new SpanId(block["span_id"].GetBytes(row)).ToString();
        public string TimeUnixNano => block["time"].GetInt64(row).ToString(CultureInfo.InvariantCulture);

        public string Get(string key)
        {
            BlockColumn map = block["attributes"];
            Range range = map.GetRange(row);
            for (int i = range.Start.Value; i < range.End.Value; i++)
                if (map.Keys!.GetString(i) is var typed && typed.Length == key.Length + 2 && typed.EndsWith(key, StringComparison.Ordinal)) return map.Values!.GetString(i);
            return "";
        }
    }
}
