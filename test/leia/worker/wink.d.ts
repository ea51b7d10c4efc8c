// The two wink packages ship without types. Only what the classifier uses is described.
declare module 'wink-naive-bayes-text-classifier' {
  type Classifier = {
    definePrepTasks(tasks: ((input: never) => unknown)[]): number;
    defineConfig(config: { considerOnlyPresence?: boolean; smoothingFactor?: number }): boolean;
    learn(input: string, label: string): boolean;
    consolidate(): boolean;
    /** Log base 2 odds of each label against all others, best first. */
    computeOdds(input: string): [label: string, odds: number][];
  };
  const classifier: () => Classifier;
  export = classifier;
}

declare module 'wink-nlp-utils' {
  const utils: {
    string: {
      lowerCase(text: string): string;
      tokenize0(text: string): string[];
    };
    tokens: {
      removeWords(tokens: string[]): string[];
      stem(tokens: string[]): string[];
    };
  };
  export = utils;
}
