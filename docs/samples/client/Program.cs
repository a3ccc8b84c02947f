using Orchestrator.Client;

using var client = new OrchestratorClient(new Uri(args[0]), args[1]);
var task = await client.SubmitAsync(new() { Request = args[2], Repository = args[3] });
Console.WriteLine((await task.WaitAsync()).Phase);
Console.WriteLine(await task.GetDiffAsync());
