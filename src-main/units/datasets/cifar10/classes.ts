/** The classes of CIFAR-10 in the order of their numbers (A. Krizhevsky, "Learning multiple layers of features", 2009). */
export const cifar10Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"] as const;
