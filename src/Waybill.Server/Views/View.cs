using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Waybill.Views;

/// <summary>A view of the console that somebody saved: an address in it, under a name.</summary>
/// <param name="Address">Path and query within the console, as <c>/search?q=...</c>.</param>
/// <param name="Owner">Who saved it, as the ledger names him.</param>
/// <param name="Shared">Whether everybody of the tenant sees it.</param>
public sealed partial record View(string Id, string Tenant, string Name, string Address, string Owner, bool Shared, long SavedUnixSeconds)
{
    public const int NameCharsMax = 100, AddressCharsMax = 8_000;

    public bool IsSeenBy(string tenant, string owner) => Tenant == tenant && (Shared || Owner == owner);

    /// <summary>What is wrong with it, or null.</summary>
    public static (string Parameter, string Message)? Wrong(string? name, string? address)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameCharsMax) return ("name", $"Give it a name of 1 to {NameCharsMax} characters.");
        if (address is null || address.Length > AddressCharsMax || !AddressForm().IsMatch(address))
            return ("address", $"Expected an address within the console of at most {AddressCharsMax} characters, such as /search?q=%7B%7D.");
        return null;
    }

    // A path of plain words: never another host (//x), never a scheme.
    [GeneratedRegex(@"\A/([a-z][a-z0-9-]*(/[A-Za-z0-9._~%-]+)*)?(\?[^\s#<>""\\]*)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)] private static partial Regex AddressForm();
}

/// <summary>A saved view as it is shown.</summary>
/// <param name="Mine">Whether who asks saved it, and may delete it.</param>
public sealed record ShownView(string Id, string Name, string Address, string Owner, bool Shared, bool Mine, string SavedUnixNano);

public sealed record ViewListing(IReadOnlyList<ShownView> Views, [AllowedValues("complete", "partial")] string Status, IReadOnlyList<Traces.PartialReason> Reasons);

/// <summary>A view to be saved.</summary>
/// <param name="Shared">Whether everybody of the tenant sees it. Default: only who saves it.</param>
public sealed record NewView(string Name, string Address, bool Shared = false);
