using Microsoft.AspNetCore.Http;

namespace Waybill.Traces;

/// <summary>Says in a header that an answer is not the whole truth, where the form of the answer has no place for it.</summary>
internal static class PartialHeader
{
    public const string Name = "Waybill-Partial";

    /// <summary>A limit that the client itself has sent is no news to it.</summary>
    public static void Write(HttpContext http, IEnumerable<PartialReason> reasons)
    {
        string text = string.Join(", ", reasons.Where(reason => reason.Reason != "over_limit").Select(reason => reason.Reason).Distinct());
        if (text.Length > 0) http.Response.Headers[Name] = text;
    }
}
