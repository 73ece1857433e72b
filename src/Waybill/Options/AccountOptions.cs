using System.CommandLine;
using System.Text.Json;
using Waybill.Access;

namespace Waybill.Options;

/// <summary>What commands about users, tokens and keys have in common.</summary>
internal static class AccountOptions
{
    public const string TenantDefault = "default";

    public static readonly Argument<string> UserName = new("NAME") { Description = "The user." };

    public static readonly Option<string> Data = new("--data") { Description = "Data directory of the server.", HelpName = "DIR", DefaultValueFactory = _ => "waybill-data", Recursive = true };

    public static readonly Option<string> RoleName = new("--role")
    {
        Description = $"{string.Join(", ", Role.BuiltIn.Select(role => role.Name))}, or one of access.yaml.", HelpName = "ROLE", DefaultValueFactory = _ => Role.Viewer.Name,
    };

    public static readonly Option<string?> TenantName = new("--tenant") { Description = "Tenant, or '*' for all. Default: default; for the role admin all.", HelpName = "TENANT" };

    public static readonly Option<string[]> Services = new("--service") { Description = "Only what these services sent. May be repeated.", HelpName = "NAME", DefaultValueFactory = _ => [] };

    public static readonly Option<string[]> Environments = new("--environment") { Description = "Only what was sent from these environments. May be repeated.", HelpName = "NAME", DefaultValueFactory = _ => [] };

    public static long NowUnixSeconds => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    public static AccountsFile Open(ParseResult parsed)
    {
        string data = parsed.GetRequiredValue(Data);
        var file = new AccountsFile(data);
        try
        {
            _ = file.Read();
        }
        catch (AccessFileException e)
        {
            throw new CommandFailure(e.Message);
        }
        return file;
    }

    /// <summary>Notes a change that is about to be made, for the ledger of the server, which writes it down when it sees it.</summary>
    public static void Note(ParseResult parsed, string action, string resource, Grant? grant, object? detail = null)
    {
        string tenant = grant is null || grant.Tenant == Grant.AllTenants ? TenantDefault : grant.Tenant;
        new PendingActs(parsed.GetRequiredValue(Data)).Add(new PendingAct(tenant, Environment.UserName, action, resource, detail is null ? null : JsonSerializer.SerializeToElement(detail, JsonSerializerOptions.Web), NowUnixSeconds));
    }

    /// <exception cref="CommandFailure">There is no such role, or a name is none.</exception>
    public static Grant GrantOf(ParseResult parsed)
    {
        string role = parsed.GetRequiredValue(RoleName), policy = Path.Combine(parsed.GetRequiredValue(Data), "access.yaml");
        IEnumerable<string> roles = Role.BuiltIn.Select(one => one.Name);
        if (File.Exists(policy))
        {
            var (read, errors) = AccessText.Parse(File.ReadAllText(policy));
            roles = read?.Roles.Keys ?? throw new CommandFailure($"{policy} has errors.\n{string.Join('\n', errors.Select(error => $"  {error}"))}");
        }
        if (!roles.Contains(role)) throw new CommandFailure($"--role: there is no role '{role}'; there are {string.Join(", ", roles)}.");
        var grant = new Grant(role, parsed.GetValue(TenantName) ?? (role == Role.Admin.Name ? Grant.AllTenants : TenantDefault), parsed.GetValue(Services) ?? [], parsed.GetValue(Environments) ?? []);
        return grant.Wrong() is { } wrong ? throw new CommandFailure(wrong) : grant;
    }

    public static void Write(Utf8JsonWriter json, Grant grant)
    {
        json.WriteString("role", grant.Role);
        json.WriteString("tenant", grant.Tenant);
        Names("services", grant.Services);
        Names("environments", grant.Environments);

        void Names(string field, IReadOnlyList<string> names)
        {
            json.WriteStartArray(field);
            foreach (string name in names) json.WriteStringValue(name);
            json.WriteEndArray();
        }
    }
}
