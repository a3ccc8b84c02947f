using Orchestrator.Grains.Storage;
using Orchestrator.Silo;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Audit;
using Orchestrator.Silo.Ci;
using Orchestrator.Silo.Health;
using Orchestrator.Silo.Health.Support;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Redaction;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;

try
{
    return args switch
    {
        ["validate-artifacts", .. var rest] => ValidateCommand.Run(
            rest,
            Console.Out,
            Console.Error
        ),
        ["policy", .. var rest] => new PolicyCommand(
            Console.Out,
            Console.Error,
            colour: !Console.IsOutputRedirected
                && Environment.GetEnvironmentVariable("NO_COLOR") is null or ""
        ).Run(rest),
        ["scan", .. var rest] => new ScanCommand(Console.Out, Console.Error).Run(
            rest,
            Console.OpenStandardInput
        ),
        ["ci", .. var rest] => new CiCommand(
            Environment.CurrentDirectory,
            Console.Out,
            Console.Error,
            Environment.GetEnvironmentVariable
        ).Run(rest),
        ["audit-verify", .. var rest] => AuditVerifyCommand.Run(rest, Console.Out, Console.Error),
        // What the agent asks before each tool call; starts anew each time, so nothing of the host is touched before.
        [ToolGuardCommand.Verb, var order] => ToolGuardCommand.Run(
            order,
            Console.OpenStandardInput,
            Console.OpenStandardOutput,
            Console.Error
        ),
        // On Windows: how the running silo interrupts an agent, which has a console of its own.
        [ConsoleInterrupt.Verb, var pid] => ConsoleInterrupt.Send(pid),
        ["support-bundle", var file, .. var rest] => await SupportCommand.RunAsync(file, rest),
        ["doctor", .. var rest] => await DoctorCommand.RunAsync(rest, Console.Out),
        // How schemas/openapi.json is made again: orchestrator-silo openapi > schemas/openapi.json
        ["openapi"] => await SiloHost.PrintOpenApiAsync(),
        _ => await SiloHost.RunAsync(args),
    };
}
catch (Exception e)
    when (e
            is StorageException
                or Microsoft.Extensions.Options.OptionsValidationException
                or SiloStartException
    )
{
    await Console.Error.WriteLineAsync("orchestrator-silo: " + e.Message);
    return 2;
}
catch (IOException e)
    when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync(
        $"orchestrator-silo: {e.Message} Another program uses the port: choose one with --urls http://127.0.0.1:PORT, or --urls http://127.0.0.1:0 for a free one."
    );
    return 2;
}
