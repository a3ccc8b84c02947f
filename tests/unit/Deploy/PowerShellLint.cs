using System.Management.Automation.Language;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>
/// What a script for Windows PowerShell 5.1 and PowerShell 7 must keep to, found in its syntax tree. PowerShell's own analyzer is
/// no package that a restore can bring, so the rules that matter here are written out.
/// </summary>
internal static class PowerShellLint
{
    // Short names and misspelled ones are in no list. Commands of modules that both PowerShells have.
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "ConvertFrom-Json",
        "Disable-ScheduledTask",
        "Get-CimInstance",
        "Get-NetFirewallRule",
        "Get-ScheduledTask",
        "Get-Service",
        "Invoke-CimMethod",
        "Invoke-WebRequest",
        "New-NetFirewallRule",
        "New-ScheduledTaskAction",
        "New-ScheduledTaskPrincipal",
        "New-ScheduledTaskSettingsSet",
        "New-ScheduledTaskTrigger",
        "New-Service",
        "Out-Null",
        "Register-ScheduledTask",
        "Remove-NetFirewallRule",
        "Set-StrictMode",
        "Sort-Object",
        "Start-ScheduledTask",
        "Start-Service",
        "Start-Sleep",
        "Stop-Service",
        "Unregister-ScheduledTask",
        "Write-Verbose",
        "Write-Warning",
    };

    private static readonly string[] ChangingVerbs =
    [
        "Add",
        "Clear",
        "Copy",
        "Install",
        "New",
        "Remove",
        "Reset",
        "Restart",
        "Set",
        "Start",
        "Stop",
        "Update",
    ];

    private static readonly string[] OtherVerbs = ["Get", "Invoke", "Test", "Wait", "Write"];

    private static readonly string[] SecretWords =
    [
        "Password",
        "Secret",
        "Token",
        "ConnectionString",
        "ApiKey",
        "Credential",
    ];

    private static readonly TokenKind[] NewerTokens =
    [
        TokenKind.AndAnd,
        TokenKind.OrOr,
        TokenKind.QuestionQuestion,
        TokenKind.QuestionQuestionEquals,
        TokenKind.QuestionDot,
        TokenKind.QuestionLBracket,
        TokenKind.Clean,
    ];

    /// <summary>Every finding, with its line. Empty when all is well.</summary>
    /// <param name="text">The script.</param>
    /// <param name="functions">Functions that it may call besides its own.</param>
    public static IReadOnlyList<string> Findings(string text, IEnumerable<string> functions)
    {
        var ast = Parser.ParseInput(text, out var tokens, out var errors);
        if (errors.Length > 0)
        {
            return [.. errors.Select(e => $"{e.Extent.StartLineNumber}: syntax: {e.Message}")];
        }
        var own = FunctionsOf(ast).Select(f => f.Name).Concat(functions);
        var allowed = new HashSet<string>(own.Concat(Known), StringComparer.Ordinal);
        return
        [
            .. Newer(ast, tokens),
            .. Commands(ast, allowed),
            .. Secrets(ast),
            .. FunctionsOf(ast).SelectMany(Functions),
            .. Unused(ast),
            .. Characters(text),
        ];
    }

    /// <summary>Names of the functions that a script defines.</summary>
    public static IEnumerable<string> FunctionNames(string text) =>
        FunctionsOf(Parser.ParseInput(text, out _, out _)).Select(f => f.Name);

    private static IEnumerable<FunctionDefinitionAst> FunctionsOf(Ast ast) =>
        All<FunctionDefinitionAst>(ast);

    private static IEnumerable<T> All<T>(Ast ast)
        where T : Ast => ast.FindAll(a => a is T, searchNestedScriptBlocks: true).Cast<T>();

    private static string At(Ast ast, string words) => $"{ast.Extent.StartLineNumber}: {words}";

    private static IEnumerable<string> Newer(Ast ast, Token[] tokens) =>
        tokens
            .Where(t => NewerTokens.Contains(t.Kind))
            .Select(t =>
                $"{t.Extent.StartLineNumber}: '{t.Text}' is unknown to Windows PowerShell 5.1"
            )
            .Concat(
                All<TernaryExpressionAst>(ast)
                    .Select(t => At(t, "a ternary is unknown to Windows PowerShell 5.1"))
            );

    private static IEnumerable<string> Commands(Ast ast, HashSet<string> allowed) =>
        All<CommandAst>(ast)
            .Where(c => c.InvocationOperator != TokenKind.Dot)
            .Where(c =>
                c.GetCommandName() is { } name
                    ? !allowed.Contains(name)
                    // A program by a variable: in one place, which looks at the exit code.
                    : Enclosing(c) != "Invoke-Program"
            )
            .Select(c =>
                At(
                    c,
                    $"'{c.CommandElements[0]}' is no known command (an alias, a slip, or run by name)"
                )
            );

    private static string Enclosing(Ast ast)
    {
        for (var up = ast.Parent; up is not null; up = up.Parent)
        {
            if (up is FunctionDefinitionAst function)
            {
                return function.Name;
            }
        }
        return "";
    }

    private static IEnumerable<string> Secrets(Ast ast) =>
        All<ParameterAst>(ast)
            .Where(p =>
                SecretWords.Any(w =>
                    p.Name.VariablePath.UserPath.Contains(w, StringComparison.OrdinalIgnoreCase)
                )
            )
            .Where(p => p.StaticType.Name is not ("SecureString" or "PSCredential"))
            .Select(p => At(p, $"{p.Name} takes a secret as plain text"));

    private static IEnumerable<string> Functions(FunctionDefinitionAst function)
    {
        var verb = function.Name.Split('-')[0];
        if (!ChangingVerbs.Contains(verb) && !OtherVerbs.Contains(verb))
        {
            yield return At(function, $"{function.Name}: '{verb}' is no verb used here");
        }
        if (function.GetHelpContent()?.Synopsis is not { Length: > 0 })
        {
            yield return At(function, $"{function.Name} has no synopsis");
        }
        var supports = All<AttributeAst>(function)
            .Any(a =>
                a.TypeName.Name == "CmdletBinding"
                && a.NamedArguments.Any(n => n.ArgumentName == "SupportsShouldProcess")
            );
        var asks = All<InvokeMemberExpressionAst>(function)
            .Any(m => m.Member.Extent.Text == "ShouldProcess");
        if (ChangingVerbs.Contains(verb) && !(supports && asks))
        {
            yield return At(function, $"{function.Name} changes something and ignores -WhatIf");
        }
    }

    private static IEnumerable<string> Unused(Ast ast) =>
        All<ParamBlockAst>(ast)
            .SelectMany(block =>
                block
                    .Parameters.Where(p =>
                        !All<VariableExpressionAst>(block.Parent)
                            .Any(v =>
                                v.Parent is not ParameterAst
                                && v.VariablePath.UserPath == p.Name.VariablePath.UserPath
                            )
                    )
                    .Select(p => At(p, $"{p.Name} is not used"))
            );

    private static IEnumerable<string> Characters(string text) =>
        text.Where(c => c > 127)
            .Take(1)
            .Select(c =>
                $"'{c}' is not ASCII: Windows PowerShell 5.1 reads a file without a mark as ANSI"
            );
}
