using System.Text.RegularExpressions;
using Orchestrator.Decisions.Policy;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What <c>docs/policy-cookbook.md</c> tells people to put into force is whole, and does what it says.</summary>
public sealed partial class CookbookTests
{
    public static TheoryData<string, string> Recipes()
    {
        var recipes = new TheoryData<string, string>();
        foreach (Match recipe in Recipe().Matches(Repository.Read("docs/policy-cookbook.md")))
        {
            recipes.Add(recipe.Groups["name"].Value, recipe.Groups["text"].Value);
        }
        return recipes;
    }

    [Fact]
    public void The_page_has_recipes() => Assert.InRange(Recipes().Count, 8, 100);

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_recipe_is_a_whole_policy_whose_examples_hold(string name, string text)
    {
        var (policy, problems) = PolicyReader.Read(text, name);

        Assert.Empty(problems);
        Assert.NotEqual(0, policy!.ExampleCount);
        Assert.Empty(PolicyExplainer.Test(policy));
    }

    [GeneratedRegex(
        "^## (?<name>[^\n]+)\n.*?^```yaml\n(?<text>.*?)^```$",
        RegexOptions.Singleline | RegexOptions.Multiline
    )]
    private static partial Regex Recipe();
}
