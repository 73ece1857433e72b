using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Ledger;
using Waybill.Web;

namespace Waybill.Access;

public sealed record UserView(
    string Name, string Role, string Tenant, IReadOnlyList<string> Services, IReadOnlyList<string> Environments, bool Disabled, string CreatedUnixNano, string PasswordUnixNano, int Sessions, string? LastSeenUnixNano);

public sealed record UserListing(IReadOnlyList<UserView> Users);

public sealed record NewUser(string Name, Secret Password, string Role, string? Tenant = null, IReadOnlyList<string>? Services = null, IReadOnlyList<string>? Environments = null);

/// <summary>What to change of a user; what is left out stays.</summary>
public sealed record UserChange(bool? Disabled = null, Secret? Password = null, string? Role = null);

/// <summary>A new password for oneself.</summary>
public sealed record PasswordChange(Secret Current, Secret Password);

/// <summary>Local users.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/access/users", List).On(Listener.Console).Needs(Permission.AccessRead)
            .WithSummary("The local users of the tenant").Produces<UserListing>();
        app.MapPost("/api/access/users", Make).On(Listener.Console).Needs(Permission.AccessManage)
            .WithSummary("Makes a user").Accepts<NewUser>("application/json").Produces<UserView>();
        app.MapPatch("/api/access/users/{name}", Change).On(Listener.Console).Needs(Permission.AccessManage)
            .WithSummary("Disables or enables a user, sets a new password or another role; sessions under the old password end").WithPath("name", "The user.")
            .Accepts<UserChange>("application/json").Produces<UserView>();
        app.MapPut("/api/access/password", ChangeOwn).On(Listener.Console).NeedsIdentity()
            .WithSummary("A new password for oneself; all other sessions end").Accepts<PasswordChange>("application/json").Produces(StatusCodes.Status204NoContent);
    }

    private static UserListing List(HttpContext http, AccountsFile accounts, Sessions sessions, LastSeen seen)
    {
        IReadOnlyList<Session> open = sessions.Open();
        return new UserListing([.. accounts.Read().Users.Where(user => InReach(http.Identity(), user)).OrderBy(user => user.Name, StringComparer.OrdinalIgnoreCase).Select(user => View(user, open, seen))]);
    }

    private static async Task Make(HttpContext http, AccountsFile accounts, PolicyFile policy, Sessions sessions, LastSeen seen, Acts acts, TimeProvider clock)
    {
        Identity identity = http.Identity();
        if (await AccessBodies.Read<NewUser>(http) is not { } wanted) return;
        var grant = new Grant(wanted.Role, wanted.Tenant ?? identity.Tenant, wanted.Services ?? [], wanted.Environments ?? []);
        if (Wrong(wanted, grant, policy.Read()) is { } wrong)
        {
            await Problems.BadRequest(http, wrong.Parameter, wrong.Message);
            return;
        }
        if (TokenEndpoints.Exceeds(identity, grant, policy.Read()) is { } more)
        {
            await more.Write(http);
            return;
        }
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        var user = new User(wanted.Name, PasswordHash.Make(wanted.Password), grant, Disabled: false, now, now);
        await acts.Record(http, "user.create", user.Name, detail: new { grant = grant.ToString() });
        if (!accounts.Change(current => current.FindUser(user.Name) is null && current.Users.Count < Accounts.UsersMax ? (current.With(user), true) : (current, false)))
        {
            await Problems.BadRequest(http, "name", $"There is a user '{user.Name}' already.");
            return;
        }
        await http.Response.WriteAsJsonAsync(View(user, sessions.Open(), seen), http.RequestAborted);
    }

    private static (string Parameter, string Message)? Wrong(NewUser wanted, Grant grant, AccessPolicy policy)
    {
        if (!User.IsName(wanted.Name)) return ("name", User.NameRule);
        if (PasswordHash.Wrong(wanted.Password, wanted.Name) is { } password) return ("password", password);
        if (!policy.Roles.ContainsKey(grant.Role)) return ("role", $"There is no role '{Problems.Shorten(grant.Role)}'; there are {string.Join(", ", policy.Roles.Keys)}.");
        return grant.Wrong() is { } wrong ? ("tenant", wrong) : null;
    }

    private static async Task Change(HttpContext http, string name, AccountsFile accounts, PolicyFile policy, Sessions sessions, LastSeen seen, Acts acts, TimeProvider clock)
    {
        Identity identity = http.Identity();
        if (await AccessBodies.Read<UserChange>(http) is not { } change) return;
        if (accounts.Read().FindUser(name) is not { } user || !InReach(identity, user))
        {
            await Problems.NotFound(http, "There is no such user in this tenant.");
            return;
        }
        if (change.Password is { } password && PasswordHash.Wrong(password, name) is { } badPassword)
        {
            await Problems.BadRequest(http, "password", badPassword);
            return;
        }
        if (change.Role is { } role && !policy.Read().Roles.ContainsKey(role))
        {
            await Problems.BadRequest(http, "role", $"There is no role '{Problems.Shorten(role)}'; there are {string.Join(", ", policy.Read().Roles.Keys)}.");
            return;
        }
        // Both what the user is and what he becomes must be within the changer's reach: else a password set for an administrator would be a way up.
        AccessRefusal? more = policy.Read().Roles.ContainsKey(user.Grant.Role) ? TokenEndpoints.Exceeds(identity, user.Grant, policy.Read()) : null;
        if (change.Role is { } next) more ??= TokenEndpoints.Exceeds(identity, user.Grant with { Role = next }, policy.Read());
        if (more is not null)
        {
            await more.Write(http);
            return;
        }
        await acts.Record(http, "user.change", user.Name, detail: new { change.Disabled, password = change.Password is not null, change.Role });
        string? hash = change.Password is { } fresh ? PasswordHash.Make(fresh) : null;
        User? changed = accounts.Change(current => Apply(current, name, change, hash, clock.GetUtcNow().ToUnixTimeSeconds()));
        if (changed is null)
        {
            await Problems.BadRequest(http, "disabled", "This is the last administrator. Make another first.");
            return;
        }
        if (change.Disabled == true || hash is not null) sessions.EndAllOf(name);
        await http.Response.WriteAsJsonAsync(View(changed, sessions.Open(), seen), http.RequestAborted);
    }

    private static (Accounts, User?) Apply(Accounts current, string name, UserChange change, string? hash, long now)
    {
        if (current.FindUser(name) is not { } user) return (current, null);
        User changed = user with
        {
            Disabled = change.Disabled ?? user.Disabled, Grant = change.Role is { } role ? user.Grant with { Role = role } : user.Grant,
            Password = hash ?? user.Password, PasswordUnixSeconds = hash is null ? user.PasswordUnixSeconds : now,
        };
        Accounts next = current.With(changed);
        return HasAdministrator(current) && !HasAdministrator(next) ? (current, null) : (next, changed);
    }

    internal static bool HasAdministrator(Accounts accounts) => accounts.Users.Any(user => !user.Disabled && user.Grant.Role == Role.Admin.Name && user.Grant.Services.Count + user.Grant.Environments.Count == 0);

    private static async Task ChangeOwn(HttpContext http, AccountsFile accounts, Sessions sessions, SignInThrottle throttle, Acts acts, TimeProvider clock)
    {
        Identity identity = http.Identity();
        if (await AccessBodies.Read<PasswordChange>(http) is not { } change) return;
        if (identity.Kind != IdentityKind.User || accounts.Read().FindUser(identity.Name) is not { } user)
        {
            await Problems.BadRequest(http, "current", "Only somebody who signed in with a password has one to change.");
            return;
        }
        var (attempt, wait) = throttle.Begin(identity.Name, http.Connection.RemoteIpAddress, null);
        if (wait is { } time)
        {
            await AccessRefusal.TooFast("Too many tries. Try again after the given delay.", (int)Math.Ceiling(time.TotalSeconds)).Write(http);
            return;
        }
        if (!PasswordHash.Fits(change.Current, user.Password))
        {
            await Problems.BadRequest(http, "current", "The current password is wrong.");
            return;
        }
        throttle.Succeeded(attempt);
        if (PasswordHash.Wrong(change.Password, user.Name) is { } wrong)
        {
            await Problems.BadRequest(http, "password", wrong);
            return;
        }
        await acts.Record(http, "user.password", user.Name);
        string hash = PasswordHash.Make(change.Password);
        accounts.Change(current => Apply(current, user.Name, new UserChange(), hash, clock.GetUtcNow().ToUnixTimeSeconds()));
        sessions.EndAllOf(user.Name);
        sessions.Begin(http, user.Name, subject: null);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    internal static bool InReach(Identity identity, User user) => user.Grant.Tenant == identity.Tenant || identity.Credential.Grants.Any(grant => grant.Tenant == Grant.AllTenants);

    private static UserView View(User user, IReadOnlyList<Session> open, LastSeen seen) => new(
        user.Name, user.Grant.Role, user.Grant.Tenant, user.Grant.Services, user.Grant.Environments, user.Disabled, TokenEndpoints.Nano(user.CreatedUnixSeconds)!, TokenEndpoints.Nano(user.PasswordUnixSeconds)!,
        open.Count(session => session.Name.Equals(user.Name, StringComparison.OrdinalIgnoreCase)), TokenEndpoints.Nano(seen.Of($"user:{user.Name}")));
}
