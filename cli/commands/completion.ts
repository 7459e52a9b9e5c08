import { Argument, Command } from 'commander';
import { completionScript, type Shell, shells } from '../terminal/completion.ts';
import { helpText } from '../terminal/text.ts';

/** Creates `completion`. `program` returns the whole command line, whose commands are completed. */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command('completion')
    .description('print a script that completes commands and options with Tab')
    .addArgument(new Argument('<shell>', 'the shell to complete in').choices(shells))
    .addHelpText(
      'after',
      helpText(
        'Load it in the start-up file of your shell. It completes the command kipu-referrals: where that is not on ' +
          "PATH, define alias kipu-referrals='npx kipu-referrals' in the folder of the project.",
        'Example: kipu-referrals completion bash >> ~/.bashrc',
        'Example: kipu-referrals completion zsh >> ~/.zshrc',
        'Example: kipu-referrals completion fish >> ~/.config/fish/config.fish',
      ),
    )
    .action(async (shell: Shell) => {
      process.stdout.write(completionScript(await program(), shell));
    });
}
