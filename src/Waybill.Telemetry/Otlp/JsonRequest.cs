using System.Text.Json;
using Waybill.Batches;
using Waybill.Decoding;

namespace Waybill.Otlp;

/// <summary>Reads one span, log record or metric, standing on the start of its object, and ends on its end, taken or refused.</summary>
internal delegate void ReadJsonItem<TBatch>(ref Utf8JsonReader json, ref DecodeState state, TBatch batch);

/// <summary>The part that traces, logs and metrics share. Fields come in any order, as in <see cref="ProtoRequest"/>.</summary>
/// <remarks>
/// {"resourceSpans":[{"resource":{"attributes":[...],"droppedAttributesCount":0},"schemaUrl":"",
///   "scopeSpans":[{"scope":{"name":"","version":"","attributes":[...]},"schemaUrl":"","spans":[...]}]}]}
/// </remarks>
internal static class JsonRequest
{
    public static bool TryRead<TBatch>(
        ref DecodeState state, TBatch batch, ResourceColumns resources, ScopeColumns scopes, JsonFieldNames names, ReadJsonItem<TBatch> readItem)
    {
        var json = JsonReading.Open(ref state);
        try
        {
            json.Read();
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            while (JsonReading.NextProperty(ref json))
            {
                if (!JsonReading.Is(ref json, names.Resources)) json.Skip();
                else if (!TryResources(ref json, ref state, batch, resources, scopes, names, readItem)) return false;
            }
            json.Read();   // throws when something follows
            return true;
        }
        catch (JsonException)
        {
            return OtlpJson.Fail(ref state, ref json);
        }
    }

    private static bool TryResources<TBatch>(
        ref Utf8JsonReader json, ref DecodeState state, TBatch batch, ResourceColumns resources, ScopeColumns scopes, JsonFieldNames names,
        ReadJsonItem<TBatch> readItem)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            int rows = state.Rows;
            uint dropped = 0;
            Text schemaUrl = default;
            while (JsonReading.NextProperty(ref json))
            {
                if (JsonReading.Is(ref json, names.Scopes))
                {
                    if (!TryScopes(ref json, ref state, batch, scopes, names, readItem)) return false;
                }
                else if (JsonReading.Is(ref json, "resource"u8))
                {
                    if (!TryResource(ref json, ref state, resources, ref dropped)) return false;
                }
                else if (JsonReading.Is(ref json, "schemaUrl"u8))
                {
                    if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out schemaUrl)) return false;
                }
                else json.Skip();
            }
            if (state.Rows > rows) resources.Add(dropped, schemaUrl);
            else resources.DropUnfinished();
        }
        return true;
    }

    private static bool TryResource(ref Utf8JsonReader json, ref DecodeState state, ResourceColumns resources, ref uint dropped)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        int first = resources.Count == 0 ? 0 : resources.AttributesEnd[resources.Count - 1];
        while (present && JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "attributes"u8))
            {
                if (!JsonAnyValue.TryAttributes(ref json, ref state, resources.Attributes, first, state.Limits.OriginAttributesMax, ref dropped)) return false;
            }
            else if (JsonReading.Is(ref json, "droppedAttributesCount"u8))
            {
                if (!JsonReading.TryUInt32(ref json, ref state, out uint count)) return false;
                dropped = ProtoRequest.AddSaturated(dropped, count);
            }
            else json.Skip();
        }
        return true;
    }

    private static bool TryScopes<TBatch>(
        ref Utf8JsonReader json, ref DecodeState state, TBatch batch, ScopeColumns scopes, JsonFieldNames names, ReadJsonItem<TBatch> readItem)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool any)) return false;
        while (any && JsonReading.NextElement(ref json))
        {
            if (!JsonReading.OnObject(ref json, ref state)) return false;
            int rows = state.Rows;
            uint dropped = 0;
            Text name = default, version = default, schemaUrl = default;
            while (JsonReading.NextProperty(ref json))
            {
                if (JsonReading.Is(ref json, names.Items))
                {
                    if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartArray, out bool items)) return false;
                    while (items && JsonReading.NextElement(ref json)) ReadItem(ref json, ref state, batch, readItem);
                }
                else if (JsonReading.Is(ref json, "scope"u8))
                {
                    if (!TryScope(ref json, ref state, scopes, ref name, ref version, ref dropped)) return false;
                }
                else if (JsonReading.Is(ref json, "schemaUrl"u8))
                {
                    if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out schemaUrl)) return false;
                }
                else json.Skip();
            }
            if (state.Rows > rows) scopes.Add(name, version, dropped, schemaUrl);
            else scopes.DropUnfinished();
        }
        return true;
    }

    private static void ReadItem<TBatch>(ref Utf8JsonReader json, ref DecodeState state, TBatch batch, ReadJsonItem<TBatch> readItem)
    {
        if (json.TokenType == JsonTokenType.StartObject)
        {
            readItem(ref json, ref state, batch);
            return;
        }
        state.Rejected.Add(Rejection.Malformed, JsonReading.At(ref json, ref state), 1);
        json.Skip();
    }

    private static bool TryScope(ref Utf8JsonReader json, ref DecodeState state, ScopeColumns scopes, ref Text name, ref Text version, ref uint dropped)
    {
        if (!JsonReading.TryOpen(ref json, ref state, JsonTokenType.StartObject, out bool present)) return false;
        int first = scopes.Count == 0 ? 0 : scopes.AttributesEnd[scopes.Count - 1];
        while (present && JsonReading.NextProperty(ref json))
        {
            if (JsonReading.Is(ref json, "name"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out name)) return false;
            }
            else if (JsonReading.Is(ref json, "version"u8))
            {
                if (!JsonReading.TryText(ref json, ref state, state.ValueBytesMax, out version)) return false;
            }
            else if (JsonReading.Is(ref json, "attributes"u8))
            {
                if (!JsonAnyValue.TryAttributes(ref json, ref state, scopes.Attributes, first, state.Limits.OriginAttributesMax, ref dropped)) return false;
            }
            else if (JsonReading.Is(ref json, "droppedAttributesCount"u8))
            {
                if (!JsonReading.TryUInt32(ref json, ref state, out uint count)) return false;
                dropped = ProtoRequest.AddSaturated(dropped, count);
            }
            else json.Skip();
        }
        return true;
    }
}
