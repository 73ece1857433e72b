using System.Text.Json;
using Spectre.Console;
using Waybill.Api;
using Waybill.Terminal;

namespace Waybill.Commands;

/// <summary>Says under an answer why it may not be the whole truth.</summary>
internal static class Reasons
{
    public static void Write(IAnsiConsole screen, JsonElement answer)
    {
        foreach (JsonElement reason in answer.Items("reasons")) screen.Write(new Text($"! {Visible.Of(reason.Text("detail"))}\n", Paint.Doubt));
    }
}
