using System.CommandLine;
using Waybill.Engine;
using Waybill.Engine.Host;

namespace Waybill.Commands;

/// <summary><c>waybill engine</c>: the embedded ClickHouse as a process of its own. <c>waybill serve</c> starts it; a person rarely does.</summary>
internal static class EngineCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory of the engine; one process at a time.", Required = true };
        var socket = new Option<string>("--socket") { Description = "Unix socket to answer the ClickHouse HTTP interface on (mode 0600).", Required = true };
        var memory = new Option<long>("--memory-bytes") { Description = "Memory of the whole engine.", DefaultValueFactory = _ => 1_500_000_000 };
        var queryMemory = new Option<long>("--query-memory-bytes") { Description = "Memory of one statement.", DefaultValueFactory = _ => 700_000_000 };
        var connections = new Option<int>("--connections") { Description = "Statements that run at a time.", DefaultValueFactory = _ => 8 };
        var partitions = new Option<int>("--partitions-per-insert") { Description = "Partitions one insert may touch.", DefaultValueFactory = _ => 16 };
        var parent = new Option<int>("--parent") { Description = "End when this process, or standard input, ends.", Hidden = true };
        var selfTest = new Option<bool>("--self-test") { Description = "Only prove that signals are intact, then end.", Hidden = true };

        var command = new Command("engine", "Run the embedded ClickHouse engine on a Unix socket.") { data, socket, memory, queryMemory, connections, partitions, parent, selfTest };
        command.SetAction((parsed, _) => EngineHost.Run(new EngineHostOptions
        {
            DataDirectory = parsed.GetRequiredValue(data),
            SocketPath = parsed.GetRequiredValue(socket),
            MemoryBytesMax = parsed.GetValue(memory),
            QueryMemoryBytesMax = parsed.GetValue(queryMemory),
            ConnectionsMax = parsed.GetValue(connections),
            PartitionsPerInsertMax = parsed.GetValue(partitions),
            ParentProcessId = parsed.GetValue(parent),
        }, parsed.GetValue(selfTest)));
        return command;
    }
}
