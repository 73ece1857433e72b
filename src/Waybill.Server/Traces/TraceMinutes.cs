namespace Waybill.Traces;

/// <summary>SQL that finds the spans of many traces by the sort key alone: minute and trace, whatever days the traces lie apart.</summary>
internal static class TraceMinutes
{
    /// <summary>A condition on <c>spans</c> for the traces of parameter <c>ids</c> (hexadecimal). Of a trace that lasts longer than a day, the first day.</summary>
    public const string OfIds = """
        (toStartOfMinute(start), trace_id) IN
          (SELECT toStartOfMinute(toDateTime64(arrayJoin(range(toUInt32(intDiv(toUnixTimestamp(first), 60)), toUInt32(least(intDiv(toUnixTimestamp(last), 60), intDiv(toUnixTimestamp(first), 60) + 1440) + 1))) * 60, 9, 'UTC')), trace_id
           FROM trace_index WHERE tenant = {tenant:String} AND signal = 1 AND trace_id IN (SELECT unhex(arrayJoin({ids:Array(String)}))))
        """;
}
