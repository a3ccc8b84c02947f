using System.Runtime.InteropServices;
using Orchestrator.Decisions.Runners;
using Orchestrator.ScriptedAgent;

// A child that lives for a while and does nothing: what a script's grandchild becomes.
if (args is ["--linger", var lingering])
{
    using var forever = new ManualResetEventSlim();
    forever.Wait(int.Parse(lingering, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

// The way out of a sandbox without a network, for whatever program is named behind it.
if (args is ["--bridge", var door, "--", var program, .. var arguments])
{
    return Bridge.Run(door, program, arguments);
}
if (args is not ["--script", var file, "--attempt", var number, "--session", var session])
{
    Console.Error.WriteLine(
        "usage: orchestrator-scripted-agent --script FILE --attempt N --session UUID  (the prompt on stdin)"
    );
    return 2;
}
var script = AgentScript.Read(File.ReadAllText(file), out var problem);
if (script is null || !int.TryParse(number, out var attempt))
{
    Console.Error.WriteLine(script is null ? problem : $"--attempt {number} is no number.");
    return 2;
}
using var input = Console.OpenStandardInput();
using var reader = new StreamReader(input, new System.Text.UTF8Encoding(false));
var prompt = reader.ReadToEnd();
using var output = Console.OpenStandardOutput();
var player = new ScriptPlayer(output, session, attempt, prompt.Length);

// As the real agent does it: an interrupt ends with a result line and exit code 0.
using var interrupt = OperatingSystem.IsWindows()
    ? null
    : PosixSignalRegistration.Create(PosixSignal.SIGINT, c => player.Interrupted(c));
return player.Play(script);
