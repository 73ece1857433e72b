using System.CommandLine;
using Shop;

RootCommand root = new("The Shop: real services that tell a real story to anything that understands OpenTelemetry.") { RunCommand.Create(), FaultCommand.Create(), Traffic() };
root.Add(Service("gateway", "The public edge", GatewayRole.Run));
root.Add(Service("orders", "Takes orders", OrdersRole.Run));
root.Add(Service("payments", "Takes money, one process per zone", PaymentsRole.Run));
root.Add(Service("inventory", "Knows the stock", InventoryRole.Run));
root.Add(Service("queue", "Message queue over HTTP", QueueRole.Run));
root.Add(Service("fulfilment", "Queue worker: packs and ships", FulfilmentRole.Run));
root.Add(Service("scheduler", "Scheduled job: checks the stock", SchedulerRole.Run));
root.Add(Service("batch", "Nightly batch: settles payments", BatchRole.Run));
root.Add(Service("provider", "The payment provider, another company's system without telemetry", ProviderRole.Run));
// The web hosts handle signals themselves; a second handler would only race with them.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Command Service(string name, string summary, Func<Task> run)
{
    Command command = new(name, summary);
    command.SetAction(async (_, _) => { await run(); return 0; });
    return command;
}

static Command Traffic()
{
    Option<double> rate = new("--rate") { Description = "Requests per second, 0.1 to 200", DefaultValueFactory = _ => 5 };
    Option<int> seed = new("--seed") { Description = "Same seed, same customers", DefaultValueFactory = _ => 1 };
    Option<int> requests = new("--requests") { Description = "End after so many; 0 goes on", DefaultValueFactory = _ => 0 };
    Command command = new("traffic", "The customers: send requests to the gateway") { rate, seed, requests };
    command.SetAction((parsed, cancel) => TrafficRole.Run(parsed.GetRequiredValue(rate), parsed.GetRequiredValue(seed), parsed.GetRequiredValue(requests), cancel));
    return command;
}
