using System.CommandLine;

namespace Shop;

/// <summary><c>shop fault NAME on|off</c>: breaks and repairs the running Shop. Without a name it lists what can break.</summary>
public static class FaultCommand
{
    public static Command Create()
    {
        Argument<string?> name = new("name") { Description = "Fault to switch", Arity = ArgumentArity.ZeroOrOne };
        Argument<string?> state = new("state") { Description = "on or off", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> zone = new("--zone") { Description = "Availability zone, for credential-rotation" };
        state.AcceptOnlyFromAmong("on", "off");
        name.AcceptOnlyFromAmong([.. Fault.All.Select(fault => fault.Name)]);
        zone.AcceptOnlyFromAmong("a", "b");
        Command command = new("fault", "Break or repair the running Shop") { name, state, zone, RunCommand.Data };
        command.SetAction((parsed, cancel) => parsed.GetValue(name) is { } fault && parsed.GetValue(state) is { } wanted
            ? Switch(Fault.Find(fault)!, wanted == "on", parsed.GetValue(zone), parsed.GetRequiredValue(RunCommand.Data).FullName, cancel)
            : Task.FromResult(List()));
        return command;
    }

    private static int List()
    {
        foreach (Fault fault in Fault.All) Console.WriteLine($"{fault.Name,-20} {fault.Summary}\n{"",-20} see {fault.Evidence}");
        return 0;
    }

    private static async Task<int> Switch(Fault fault, bool active, string? zone, string dataDirectory, CancellationToken cancel)
    {
        string file = RunCommand.ControlFile(dataDirectory);
        if (!File.Exists(file))
        {
            await Console.Error.WriteLineAsync($"No Shop is running with data in {dataDirectory}. Start it with 'shop run', or name its directory with --data.");
            return 1;
        }
        Uri address = new(new Uri(await File.ReadAllTextAsync(file, cancel)), $"faults/{fault.Name}?zone={zone}");
        try
        {
            using HttpRequestMessage request = new(active ? HttpMethod.Put : HttpMethod.Delete, address);
            using HttpResponseMessage answer = await Role.Http.SendAsync(request, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                await Console.Error.WriteLineAsync($"The Shop refused: {await answer.Content.ReadAsStringAsync(cancel)}");
                return 1;
            }
        }
        catch (HttpRequestException error)
        {
            await Console.Error.WriteLineAsync($"The Shop at {address} does not answer: {error.Message}");
            return 1;
        }
        Console.WriteLine(active ? $"{fault.Name} is on: {fault.Summary}\nSee {fault.Evidence}." : $"{fault.Name} is off.");
        return 0;
    }
}
