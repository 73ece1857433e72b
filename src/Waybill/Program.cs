using System.CommandLine;
using Waybill.Commands;

var root = new RootCommand("Waybill: follow any request, change or data item from its origin to its outcome.")
{
    ServeCommand.Create(),
    EngineCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
